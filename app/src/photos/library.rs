//! The part of the viewer's library that this window holds.

use super::api::{amend, days, photo, timeline};
use super::entry::Entry;
use super::table::roll::{Roll, Side, Taken};
use crate::live::Heard;
use crate::ui::fault::Fault;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::location::Url;
use model::ids::PhotoId;
use model::live::{Channel, Message, News};
use model::photos::{Amendment, Photo};
use model::timeline::{Shelf, Start, Timeline};
use std::collections::HashMap;

/// The most photos that are shown as just added; more go to their places at once.
const MOST_FRESH: usize = 60;

/// What this window holds: days of the timeline, what it has just added, a shelf, the photo that is open, and whether all
/// of it is kept up to date.
#[derive(Clone, Copy)]
pub struct Library {
    /// Where the page of the timeline began that was loaded first.
    start: RwSignal<Option<Start>>,
    /// The days.
    pub(super) roll: RwSignal<Roll>,
    /// Whether the days were counted.
    counted: StoredValue<bool>,
    /// What this window has uploaded, until it is put in its place: nobody's photo shall vanish into the past under their eyes.
    pub(super) fresh: RwSignal<Vec<Entry>>,
    /// The shelf that is looked at.
    pub(super) shelf: RwSignal<Option<(Shelf, Vec<Entry>)>>,
    opened: RwSignal<Option<Entry>>,
    /// Where somebody looked who will come back.
    pub(super) left_at: StoredValue<Option<super::table::Anchor>>,
    /// Whether a photo is looked at without what is known of it.
    pub(super) bare: RwSignal<bool>,
    heard: StoredValue<Heard>,
    /// The newest revision that was told of each photo, also of those that are not held any more.
    newest: StoredValue<HashMap<PhotoId, u64>>,
    live: RwSignal<bool>,
    /// What could not be done, for a while.
    pub(super) trouble: RwSignal<Option<Fault>>,
}

impl Library {
    /// Holds nothing yet.
    pub fn new() -> Self {
        Self {
            start: RwSignal::new(None),
            roll: RwSignal::new(Roll::default()),
            counted: StoredValue::new(false),
            fresh: RwSignal::new(vec![]),
            shelf: RwSignal::new(None),
            opened: RwSignal::new(None),
            left_at: StoredValue::new(None),
            bare: RwSignal::new(false),
            heard: StoredValue::new(Heard::default()),
            newest: StoredValue::new(HashMap::new()),
            live: RwSignal::new(false),
            trouble: RwSignal::new(None),
        }
    }

    /// The library of this window.
    pub fn here() -> Self {
        use_context().unwrap_or_else(Self::new)
    }

    /// Whether nothing is on the table.
    pub fn is_empty(self) -> bool {
        self.roll.with(Roll::is_empty) && self.fresh.with(Vec::is_empty)
    }

    /// Whether the timeline from here on is held, and kept up to date.
    pub fn holds(self, start: &Start) -> bool {
        self.is_live() && self.start.with_untracked(|held| held.as_ref() == Some(start))
    }

    /// Whether the timeline begins with its newest photo.
    pub fn begins_with_newest(self) -> bool {
        self.start.with(|start| *start == Some(Start::Newest))
    }

    /// The photos that can be looked at beside this one, the newer and the older, as far as they are known.
    pub fn beside(self, id: &PhotoId) -> (Side, Side) {
        let fresh = self.fresh.read();
        if fresh.is_empty() {
            return self.roll.with(|roll| roll.beside(id));
        }
        // What was just added is beside what it will stand beside.
        let mut roll = self.roll.get();
        for entry in fresh.iter() {
            roll.arrived(entry.clone());
        }
        roll.beside(id)
    }

    /// The photo, where it is held.
    pub fn find(self, id: &PhotoId) -> Option<Entry> {
        let on_shelf = || {
            let shelf = self.shelf.read_untracked();
            shelf
                .as_ref()
                .and_then(|(_, entries)| entries.iter().find(|entry| entry.id == *id).cloned())
        };
        let fresh = || {
            self.fresh
                .with_untracked(|fresh| fresh.iter().find(|entry| entry.id == *id).cloned())
        };
        let found = self.roll.with_untracked(|roll| roll.find(id).cloned());
        found.or_else(fresh).or_else(on_shelf)
    }

    /// Holds the timeline from here on.
    pub fn load(self, start: Start, page: Timeline) {
        let number = page.number;
        let mut roll = Roll::default();
        roll.load(&start, self.entries_of(page.photos, number), page.older.is_some());
        self.roll.set(roll);
        self.start.set(Some(start));
        self.counted.set_value(false);
        self.heard.update_value(|heard| heard.start(number));
    }

    /// Holds one more page.
    fn load_more(self, start: &Start, page: Timeline) {
        let entries = self.entries_of(page.photos, 0);
        self.roll.update(|roll| roll.load(start, entries, page.older.is_some()));
    }

    /// The photos of a page, without those that were just added. What shows one that is held need not be built anew.
    fn entries_of(self, photos: Vec<Photo>, number: u64) -> Vec<Entry> {
        let fresh = self.fresh.read_untracked();
        let others = photos
            .into_iter()
            .filter(|photo| !fresh.iter().any(|entry| entry.id == photo.id));
        let entries = others.map(|photo| match self.find(&photo.id) {
            Some(entry) => {
                entry.learn(&photo, number);
                entry
            }
            None => Entry::new(photo, number),
        });
        entries.collect()
    }

    /// Loads the next page that is wanted; answers whether there was one.
    pub async fn fill(self, start: Start) -> bool {
        match timeline(start.clone()).await {
            Ok(page) => {
                self.load_more(&start, page);
                true
            }
            Err(fault) => {
                self.trouble.set(Some(fault));
                false
            }
        }
    }

    /// Learns how many photos each day has, once.
    pub fn count_days(self) {
        if self.counted.try_update_value(|counted| std::mem::replace(counted, true)) == Some(false) {
            spawn_local(async move {
                match days().await {
                    Ok(counts) => self.roll.update(|roll| roll.count(&counts)),
                    // Scrolling goes on page by page.
                    Err(_) => self.counted.set_value(false),
                }
            });
        }
    }

    /// Holds a page of a shelf.
    pub fn load_shelf(self, shelf: Shelf, page: Timeline) {
        let entries = self.entries_of(page.photos, page.number);
        self.shelf.set(Some((shelf, entries)));
        self.heard.update_value(|heard| {
            if heard.upto().is_none() {
                heard.start(page.number);
            }
        });
    }

    /// Holds a photo that is open.
    pub fn open(self, photo: Photo) -> Entry {
        let entry = match self.find(&photo.id) {
            Some(entry) => {
                entry.complete(&photo);
                entry
            }
            None => Entry::new(photo, 0),
        };
        self.opened.set(Some(entry.clone()));
        entry
    }

    /// A photo that is held is open.
    pub fn hold_open(self, entry: &Entry) {
        self.opened.set(Some(entry.clone()));
    }

    /// The address of the timeline that is held.
    pub fn address(self) -> String {
        match self.start.get_untracked() {
            Some(Start::Day(day)) => format!("/?day={day}"),
            Some(Start::Behind(place)) => format!("/?behind={}", Url::escape(&place)),
            Some(Start::Newest) | None => "/".to_owned(),
        }
    }

    /// Whether this photo was open last; who asks is told when another one is.
    pub fn is_opened(self, id: &PhotoId) -> bool {
        self.opened
            .with(|opened| opened.as_ref().is_some_and(|opened| opened.id == *id))
    }

    /// The photo that was open last.
    pub fn opened(self) -> Option<Entry> {
        self.opened.get_untracked()
    }

    /// Learns how a photo is from the answer to something that this window did.
    pub fn learn(self, photo: Photo) {
        let known = self.find(&photo.id).is_some();
        if !known && photo.is_on_the_table() && self.fresh.with_untracked(Vec::len) < MOST_FRESH {
            self.fresh.update(|fresh| fresh.insert(0, Entry::new(photo, 0)));
        } else {
            self.take(photo, 0);
        }
    }

    /// Keeps a photo in sight that this window has just added.
    pub fn add(self, photo: Photo) {
        let id = photo.id.clone();
        self.learn(photo);
        // A message about it may have been quicker than the answer.
        if self.roll.with_untracked(|roll| roll.find(&id).is_some()) && self.fresh.with_untracked(Vec::len) < MOST_FRESH {
            let taken = self.roll.try_update(|roll| roll.take_out(&id)).flatten();
            self.fresh.update(|fresh| fresh.splice(..0, taken).for_each(drop));
        }
    }

    /// Puts what was just added where it belongs.
    pub fn put_in_place(self) {
        let fresh = std::mem::take(&mut *self.fresh.write());
        self.roll.update(|roll| {
            for entry in fresh {
                roll.arrived(entry);
            }
        });
    }

    /// Hears a message of the library's channel; again, or late, changes nothing.
    pub fn hear(self, message: Message) {
        if self.heard.try_update_value(|heard| heard.hear(message.number)) == Some(true) {
            let News::PhotoChanged { photo } = message.news;
            self.take(*photo, message.number);
        }
    }

    /// Whether what is held is of another library than this channel's.
    pub fn is_of_another(self, channel: &Channel) -> bool {
        let other = |entry: &Entry| entry.peek(|photo| Channel::Library(photo.library.clone()) != *channel);
        self.roll.with_untracked(|roll| roll.entries().next().is_some_and(other))
            || self.opened.with_untracked(|opened| opened.as_ref().is_some_and(other))
    }

    fn take(self, photo: Photo, number: u64) {
        if self.is_old_news(&photo) {
            return;
        }
        if let Some(opened) = self.opened.get_untracked().filter(|opened| opened.id == photo.id) {
            opened.learn(&photo, number);
        }
        match self.find(&photo.id) {
            Some(entry) => {
                let shape = entry.aspect();
                entry.learn(&photo, number);
                self.settle(&entry, shape);
            }
            None => self.arrive(Entry::new(photo, number)),
        }
    }

    /// Whether a photo is known to be otherwise by now. What has left the table must not come back by a message that is late.
    fn is_old_news(self, photo: &Photo) -> bool {
        let newest = self.newest.try_update_value(|newest| {
            let newest = newest.entry(photo.id.clone()).or_default();
            *newest = photo.revision.max(*newest);
            *newest
        });
        newest.is_some_and(|newest| photo.revision < newest)
    }

    /// A photo that is held has changed: it may belong elsewhere, or have another shape.
    fn settle(self, entry: &Entry, shape: f64) {
        let mut roll = self.roll.read_untracked().clone();
        let taken = roll.changed(&entry.id);
        let fresh = self
            .fresh
            .with_untracked(|fresh| fresh.iter().any(|held| held.id == entry.id));
        if taken == Taken::Moved || (taken == Taken::Same && (entry.aspect() - shape).abs() > f64::EPSILON) {
            self.roll.set(roll);
        }
        if fresh && !entry.peek(Photo::is_on_the_table) {
            self.fresh.update(|fresh| fresh.retain(|held| held.id != entry.id));
        } else if !fresh && taken == Taken::Elsewhere {
            self.arrive(entry.clone());
        }
        self.tidy_shelf(entry);
    }

    fn arrive(self, entry: Entry) {
        let taken = self.start.with_untracked(Option::is_some).then(|| {
            let mut roll = self.roll.read_untracked().clone();
            let taken = roll.arrived(entry.clone());
            if taken == Taken::Moved {
                self.roll.set(roll);
            }
            taken
        });
        if taken == Some(Taken::Elsewhere) {
            // Where it is nobody looks, but it may be counted there.
            self.counted.set_value(false);
        }
        self.tidy_shelf(&entry);
    }

    fn tidy_shelf(self, entry: &Entry) {
        let Some((shelf, mut entries)) = self.shelf.get_untracked() else {
            return;
        };
        let belongs = entry.peek(|photo| {
            photo.trashed_at.is_none()
                && match shelf {
                    Shelf::Favourites => photo.favourite,
                    Shelf::Archive => photo.archived_at.is_some(),
                }
        });
        let there = entries.iter().any(|held| held.id == entry.id);
        if belongs == there {
            return;
        }
        entries.retain(|held| held.id != entry.id);
        if belongs {
            entries.push(entry.clone());
            entries.sort_by_key(Entry::place);
        }
        self.shelf.set(Some((shelf, entries)));
    }

    /// Changes a photo: at once for who looks, and undone with a word if it is refused.
    pub fn amend(self, entry: Entry, amendment: Amendment) {
        let shape = entry.aspect();
        entry.ask(amendment.clone());
        self.settle(&entry, shape);
        spawn_local(async move {
            let answer = amend(entry.id.clone(), amendment.clone()).await;
            let shape = entry.aspect();
            if let Ok(photo) = &answer {
                entry.learn(photo, 0);
            }
            entry.answered(&amendment);
            self.settle(&entry, shape);
            if let Err(fault) = answer {
                self.trouble.set(Some(fault));
            }
        });
    }

    /// Loads anew what is held.
    pub async fn reload(self) {
        if let Some(start) = self.start.get_untracked()
            && let Ok(fresh) = timeline(start.clone()).await
        {
            self.load(start, fresh);
            self.count_days();
        }
        if let Some(opened) = self.opened.get_untracked()
            && let Ok(fresh) = photo(opened.id).await
        {
            self.take(fresh, 0);
        }
    }

    /// The number up to which no message is missing, if any is known.
    pub fn heard_upto(self) -> Option<u64> {
        self.heard.with_value(Heard::upto)
    }

    /// Whether messages are missing.
    pub fn misses_something(self) -> bool {
        self.heard.with_value(Heard::has_gap)
    }

    /// Whether changes arrive by themselves, and is told when that changes.
    pub fn live(self) -> bool {
        self.live.get()
    }

    /// Whether changes arrive by themselves now.
    pub fn is_live(self) -> bool {
        self.live.get_untracked()
    }

    /// Says whether changes arrive by themselves.
    pub fn set_live(self, live: bool) {
        self.live.set(live);
    }
}

#[cfg(test)]
mod tests {
    use super::{Library, Side};
    use crate::photos::samples;
    use leptos::prelude::{GetUntracked, Owner, ReadUntracked};
    use model::live::{Channel, Message, News};
    use model::photos::{Photo, State};
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
        assert_eq!(library.beside(&middle.id), (known(&newer), known(&older)));
        assert_eq!(library.beside(&newer.id), (Side::Known(None), known(&middle)));
        assert_eq!(library.beside(&older.id), (known(&middle), Side::Known(None)));
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
}
