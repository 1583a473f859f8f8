use super::{Library, Side};
use crate::photos::samples;
use crate::photos::table::plan::{Division, Space};
use crate::photos::table::sight::{Anchor, LeftAt};
use leptos::prelude::{GetUntracked, GetValue, Owner, ReadUntracked, SetValue};
use model::live::{Channel, Message, News};
use model::photos::{Photo, State};
use model::time::Day;
use model::timeline::{Start, Timeline};

fn photo(name: u32, taken_at: i64, revision: u64, state: State) -> Photo {
    Photo {
        revision,
        state,
        ..samples::photo(name, taken_at)
    }
}

fn message(number: u64, photo: Photo) -> Message {
    let channel = Channel::Library(photo.library.clone());
    Message {
        version: 1,
        channel,
        number,
        news: News::PhotoChanged { photo: Box::new(photo) },
    }
}

fn shown(library: Library) -> Vec<(String, State)> {
    let roll = library.roll.read_untracked();
    roll.entries()
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
fn what_comes_late_or_twice_undoes_nothing() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    library.load(Start::Newest, page(vec![photo(1, 5, 1, State::Expected)]));
    library.hear(message(12, photo(1, 5, 3, State::Ready)));
    assert!(library.misses_something());
    library.hear(message(11, photo(1, 5, 2, State::Received)));
    library.hear(message(12, photo(1, 5, 1, State::Expected)));
    library.learn(photo(1, 5, 2, State::Received));
    assert_eq!(shown(library), [("1".to_owned(), State::Ready)]);
    assert_eq!((library.misses_something(), library.heard_upto()), (false, Some(12)));
}

#[test]
fn a_message_of_another_library_is_told_apart() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    let mine = message(11, photo(1, 5, 1, State::Ready)).channel;
    let other = Channel::Library("0190c9f0-5b1e-7c3a-8d2f-0000000000bb".parse().expect("an id"));
    assert!(!library.is_of_another(&other), "an empty window shows nobody's");
    library.load(Start::Newest, page(vec![photo(1, 5, 1, State::Ready)]));
    assert!(library.is_of_another(&other) && !library.is_of_another(&mine));
}

#[test]
fn what_this_window_adds_stays_in_sight_until_it_is_put_in_its_place() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    library.load(Start::Newest, page(vec![photo(1, 5, 1, State::Ready)]));
    library.learn(photo(2, 90_000_000, 1, State::Expected));
    library.hear(message(11, photo(2, 3, 4, State::Ready)));
    assert_eq!(shown(library).len(), 1);
    let fresh = library.fresh.get_untracked();
    assert_eq!(fresh[0].peek(|photo| photo.state.clone()), State::Ready);
    library.put_in_place();
    assert_eq!(
        shown(library).into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["1", "2"]
    );
    assert!(library.fresh.get_untracked().is_empty());
}

#[test]
fn what_this_window_adds_stays_in_sight_though_a_message_is_quicker() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    library.load(Start::Newest, page(vec![photo(1, 5, 1, State::Ready)]));
    library.hear(message(11, photo(2, 3, 1, State::Expected)));
    library.hear(message(12, photo(2, 3, 2, State::Received)));
    library.add(photo(2, 3, 1, State::Expected));
    library.add(photo(3, 4, 1, State::Expected));
    assert_eq!(shown(library).len(), 1);
    let fresh = library.fresh.get_untracked();
    let fresh: Vec<_> = fresh
        .iter()
        .map(|entry| entry.peek(|photo| (photo.name.clone(), photo.state.clone())))
        .collect();
    assert_eq!(fresh, [("3".to_owned(), State::Expected), ("2".to_owned(), State::Received)]);
}

#[test]
fn what_was_just_added_is_beside_what_it_will_stand_beside() {
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
    let known = |photo: &Photo| Side::Known(Some(photo.id.clone()));
    assert_eq!(library.beside(&middle.id, None), (known(&newer), known(&older)));
    assert_eq!(library.beside(&newer.id, None), (Side::Known(None), known(&middle)));
    assert_eq!(library.beside(&older.id, None), (known(&middle), Side::Known(None)));
}

#[test]
fn what_goes_to_the_archive_leaves_the_table_and_comes_back() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    library.load(
        Start::Newest,
        page(vec![photo(1, 5, 1, State::Ready), photo(2, 4, 1, State::Ready)]),
    );
    let mut gone = photo(1, 5, 2, State::Ready);
    gone.archived_at = Some(model::time::Time(1));
    library.hear(message(12, gone));
    assert_eq!(shown(library).len(), 1);
    library.hear(message(11, photo(1, 5, 1, State::Ready)));
    assert_eq!(shown(library).len(), 1, "a message that is late brings nothing back");
    library.hear(message(13, photo(1, 5, 3, State::Ready)));
    assert_eq!(shown(library).len(), 2);
}

#[test]
fn what_proves_to_be_of_a_day_that_is_not_held_leaves_the_day_where_it_was() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    let held = page(vec![
        photo(1, 500_000_000, 1, State::Ready),
        photo(2, 400_000_000, 1, State::Ready),
    ]);
    let older = Some("somewhere".to_owned());
    library.load(Start::Newest, Timeline { older, ..held });
    // Until it was looked at, a photo was taken when it came.
    library.hear(message(11, photo(3, 600_000_000, 1, State::Expected)));
    assert_eq!(shown(library).len(), 3);
    library.hear(message(12, photo(3, 5, 2, State::Ready)));
    let names: Vec<_> = shown(library).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["1", "2"]);
}

#[test]
fn who_comes_back_is_where_they_were_but_for_another_timeline() {
    let owner = Owner::new();
    owner.set();
    let library = Library::new();
    library.load(Start::Newest, page(vec![photo(1, 5, 1, State::Ready)]));
    library.left_at.set_value(Some(LeftAt {
        anchor: Anchor::Day(Day(0), 10.0),
        top: 500.0,
        space: Space {
            width: 1280.0,
            text: 16.0,
            division: Division::of(1280.0),
        },
        viewed: None,
    }));
    library.load(Start::Newest, page(vec![photo(1, 5, 1, State::Ready)]));
    assert!(library.left_at.get_value().is_some(), "the same, loaded anew");
    let opened = library.open(photo(1, 5, 1, State::Ready));
    let back = library.come_back().expect("it was left");
    assert_eq!(back.viewed, Some(opened.id));
    library.left_at.set_value(Some(LeftAt { viewed: None, ..back }));
    let again = library.come_back().expect("it was left");
    assert_eq!(again.viewed, None, "nothing was looked at since");
    library.left_at.set_value(Some(again));
    library.load(Start::Day(Day(0)), page(vec![photo(1, 5, 1, State::Ready)]));
    assert!(library.left_at.get_value().is_none());
}
