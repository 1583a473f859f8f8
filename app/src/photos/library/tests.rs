use super::{Library, Neighbour};
use crate::photos::samples;
use leptos::prelude::{GetUntracked, Owner, ReadUntracked};
use model::live::{Channel, LiveUpdate, Message};
use model::photos::{Photo, State};
use model::timeline::{Start, Timeline};

fn photo(name: u32, taken_at: i64, revision: u64, state: State) -> Photo {
    Photo {
        revision,
        state,
        ..samples::photo(name, taken_at)
    }
}

fn event(number: u64, photo: Photo) -> Message {
    let channel = Channel::Library(photo.library.clone());
    Message {
        version: 1,
        channel,
        number,
        news: LiveUpdate::PhotoChanged { photo: Box::new(photo) },
    }
}

fn held(library: Library) -> Vec<(String, State)> {
    let day_index = library.day_index.read_untracked();
    day_index
        .entries()
        .map(|entry| entry.peek(|photo| (photo.name.clone(), photo.state.clone())))
        .collect()
}

fn page(photos: Vec<Photo>) -> Timeline {
    Timeline {
        photos,
        older: None,
        number: 10,
    }
}

#[test]
fn events_are_idempotent_and_may_arrive_out_of_order() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    library.load(Start::Newest, page(vec![photo(1, 5, 1, State::Expected)]));
    library.receive(event(12, photo(1, 5, 3, State::Ready)));
    assert!(library.has_gap());
    library.receive(event(11, photo(1, 5, 2, State::Received)));
    library.receive(event(12, photo(1, 5, 1, State::Expected)));
    library.apply_response(photo(1, 5, 2, State::Received));
    assert_eq!(held(library), [("1".to_owned(), State::Ready)]);
    assert_eq!((library.has_gap(), library.received_up_to()), (false, Some(12)));
}

#[test]
fn an_event_of_another_library_is_recognised() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    let mine = event(11, photo(1, 5, 1, State::Ready)).channel;
    let other = Channel::Library("0190c9f0-5b1e-7c3a-8d2f-0000000000bb".parse().expect("an id"));
    assert!(!library.belongs_to_other_library(&other), "an empty store belongs to nobody");
    library.load(Start::Newest, page(vec![photo(1, 5, 1, State::Ready)]));
    assert!(library.belongs_to_other_library(&other) && !library.belongs_to_other_library(&mine));
}

#[test]
fn what_was_just_added_stays_separate_until_it_is_merged() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    library.load(Start::Newest, page(vec![photo(1, 5, 1, State::Ready)]));
    library.apply_response(photo(2, 90_000_000, 1, State::Expected));
    library.receive(event(11, photo(2, 3, 4, State::Ready)));
    assert_eq!(held(library).len(), 1);
    let just_added = library.just_added.get_untracked();
    assert_eq!(just_added[0].peek(|photo| photo.state.clone()), State::Ready);
    library.merge_just_added();
    assert_eq!(
        held(library).into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["1", "2"]
    );
    assert!(library.just_added.get_untracked().is_empty());
}

#[test]
fn what_was_just_added_stays_separate_if_the_event_arrives_before_the_response() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    library.load(Start::Newest, page(vec![photo(1, 5, 1, State::Ready)]));
    library.receive(event(11, photo(2, 3, 1, State::Expected)));
    library.receive(event(12, photo(2, 3, 2, State::Received)));
    library.add(photo(2, 3, 1, State::Expected));
    library.add(photo(3, 4, 1, State::Expected));
    assert_eq!(held(library).len(), 1);
    let just_added = library.just_added.get_untracked();
    let just_added: Vec<_> = just_added
        .iter()
        .map(|entry| entry.peek(|photo| (photo.name.clone(), photo.state.clone())))
        .collect();
    assert_eq!(
        just_added,
        [("3".to_owned(), State::Expected), ("2".to_owned(), State::Received)]
    );
}

#[test]
fn neighbours_include_what_was_just_added() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    let (newer, middle, older) = (
        photo(1, 500_000_000, 1, State::Ready),
        photo(2, 300_000_000, 1, State::Ready),
        photo(3, 5, 1, State::Ready),
    );
    library.load(Start::Newest, page(vec![newer.clone(), older.clone()]));
    library.add(middle.clone());
    let known = |photo: &Photo| Neighbour::Known(Some(photo.id.clone()));
    assert_eq!(library.neighbours(&middle.id, None), (known(&newer), known(&older)));
    assert_eq!(library.neighbours(&newer.id, None), (Neighbour::Known(None), known(&middle)));
    assert_eq!(library.neighbours(&older.id, None), (known(&middle), Neighbour::Known(None)));
}

#[test]
fn an_archived_photo_leaves_the_timeline_and_can_return() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    library.load(
        Start::Newest,
        page(vec![photo(1, 5, 1, State::Ready), photo(2, 4, 1, State::Ready)]),
    );
    let mut archived = photo(1, 5, 2, State::Ready);
    archived.archived_at = Some(model::time::Time(1));
    library.receive(event(12, archived));
    assert_eq!(held(library).len(), 1);
    library.receive(event(11, photo(1, 5, 1, State::Ready)));
    assert_eq!(held(library).len(), 1, "a late event is ignored");
    library.receive(event(13, photo(1, 5, 3, State::Ready)));
    assert_eq!(held(library).len(), 2);
}

#[test]
fn a_photo_that_moves_to_a_day_that_is_not_held_is_removed() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    let first = page(vec![
        photo(1, 500_000_000, 1, State::Ready),
        photo(2, 400_000_000, 1, State::Ready),
    ]);
    let older = Some("somewhere".to_owned());
    library.load(Start::Newest, Timeline { older, ..first });
    // Until its metadata is read, the upload time counts.
    library.receive(event(11, photo(3, 600_000_000, 1, State::Expected)));
    assert_eq!(held(library).len(), 3);
    library.receive(event(12, photo(3, 5, 2, State::Ready)));
    let names: Vec<_> = held(library).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["1", "2"]);
}

#[test]
fn the_photo_that_was_open_last_is_taken_once() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    let opened = library.open(photo(1, 5, 1, State::Ready));
    assert_eq!(library.take_last_viewed(), Some(opened.id));
    assert_eq!(library.take_last_viewed(), None);
}
