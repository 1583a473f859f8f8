//! The part of the viewer's library that this window holds.

use super::api::{photo, timeline};
use crate::live::Heard;
use leptos::prelude::*;
use model::ids::PhotoId;
use model::live::{Channel, Message, News};
use model::photos::{Photo, State, Timeline};
use std::cmp::Reverse;

/// What this window holds: a page of the timeline, the photo that is open, and whether it is kept up to date.
#[derive(Clone, Copy)]
pub struct Library {
    page: RwSignal<Option<Page>>,
    entries: RwSignal<Vec<Entry>>,
    opened: RwSignal<Option<Entry>>,
    heard: StoredValue<Heard>,
    live: RwSignal<bool>,
}

/// Which page of the timeline is held.
#[derive(Debug, Clone, PartialEq)]
struct Page {
    before: Option<String>,
    older: Option<String>,
}

/// A photo, and what changes of it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The photo's identifier.
    pub id: PhotoId,
    known: ArcRwSignal<Known>,
}

/// What is known of a photo, and by which message of the channel.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    photo: Photo,
    number: u64,
}

impl Known {
    /// Whether this is news to one who knows `other`. A photo's history only grows.
    fn is_newer_than(&self, other: &Self) -> bool {
        (self.photo.history.len(), self.number) > (other.photo.history.len(), other.number)
    }

    /// Keeps the links to pictures that are shown already, so that the browser fetches none of them again.
    fn keep_pictures_of(&mut self, shown: &Self) {
        if let (Some(new), Some(old)) = (&mut self.photo.media, &shown.photo.media)
            && new.shows_the_same(old)
        {
            new.clone_from(old);
        }
    }
}

impl Entry {
    fn new(known: Known) -> Self {
        Self {
            id: known.photo.id.clone(),
            known: ArcRwSignal::new(known),
        }
    }

    /// Looks at the photo, and is told when it changes.
    pub fn with<T>(&self, look: impl FnOnce(&Photo) -> T) -> T {
        self.known.with(|known| look(&known.photo))
    }

    /// Looks at the photo once.
    pub fn peek<T>(&self, look: impl FnOnce(&Photo) -> T) -> T {
        self.known.with_untracked(|known| look(&known.photo))
    }

    fn learn(&self, news: &Known) {
        if self.known.with_untracked(|known| news.is_newer_than(known)) {
            let mut news = news.clone();
            self.known.with_untracked(|known| news.keep_pictures_of(known));
            self.known.set(news);
        }
    }

    fn place(&self) -> Reverse<(i64, PhotoId)> {
        self.peek(|photo| Reverse((photo.taken_at.0, photo.id.clone())))
    }
}

impl Library {
    /// Holds nothing yet.
    pub fn new() -> Self {
        Self {
            page: RwSignal::new(None),
            entries: RwSignal::new(Vec::new()),
            opened: RwSignal::new(None),
            heard: StoredValue::new(Heard::default()),
            live: RwSignal::new(false),
        }
    }

    /// The library of this window.
    pub fn here() -> Self {
        use_context().unwrap_or_else(Self::new)
    }

    /// The photos of the page, newest first.
    pub fn entries(self) -> Vec<Entry> {
        self.entries.get()
    }

    /// Whether the page has no photos.
    pub fn is_empty(self) -> bool {
        self.entries.with(Vec::is_empty)
    }

    /// Whether this page of the timeline is held, and kept up to date.
    pub fn holds(self, before: &Option<String>) -> bool {
        self.is_live()
            && self
                .page
                .with_untracked(|page| page.as_ref().is_some_and(|page| page.before == *before))
    }

    /// Where the page before this one begins.
    pub fn older(self) -> Option<String> {
        self.page.with(|page| page.as_ref().and_then(|page| page.older.clone()))
    }

    /// The address of the page that is held.
    pub fn address(self) -> String {
        match self.page.with(|page| page.as_ref().and_then(|page| page.before.clone())) {
            Some(before) => address(&before),
            None => "/".to_owned(),
        }
    }

    /// The photos that can be looked at beside this one: the newer and the older.
    pub fn neighbours(self, id: &PhotoId) -> (Option<PhotoId>, Option<PhotoId>) {
        self.entries.with(|entries| {
            let Some(at) = entries.iter().position(|entry| entry.id == *id) else {
                return (None, None);
            };
            let ready = |entry: &&Entry| entry.with(|photo| photo.state == State::Ready);
            let (newer, older) = entries.split_at(at);
            (
                newer.iter().rev().find(ready).map(|entry| entry.id.clone()),
                older.iter().skip(1).find(ready).map(|entry| entry.id.clone()),
            )
        })
    }

    /// Holds a page of the timeline.
    pub fn load(self, before: Option<String>, timeline: Timeline) {
        let number = timeline.number;
        let held = self.entries.get_untracked();
        let entries = timeline.photos.into_iter().map(|photo| {
            let known = Known { photo, number };
            match held.iter().find(|entry| entry.id == known.photo.id) {
                // The same signal: what shows it need not be built anew.
                Some(entry) => {
                    entry.learn(&known);
                    entry.clone()
                }
                None => Entry::new(known),
            }
        });
        self.entries.set(entries.collect());
        self.page.set(Some(Page {
            before,
            older: timeline.older,
        }));
        self.heard.update_value(|heard| heard.start(number));
    }

    /// Holds a photo that is open.
    pub fn open(self, photo: Photo) -> Entry {
        let entry = Entry::new(Known { photo, number: 0 });
        self.opened.set(Some(entry.clone()));
        entry
    }

    /// Learns how a photo is from the answer to something that this window did.
    pub fn learn(self, photo: Photo) {
        self.take(Known { photo, number: 0 });
    }

    /// Hears a message of the library's channel; again, or late, changes nothing.
    pub fn hear(self, message: Message) {
        if self.heard.try_update_value(|heard| heard.hear(message.number)) == Some(true) {
            let News::PhotoChanged { photo } = message.news;
            self.take(Known {
                photo: *photo,
                number: message.number,
            });
        }
    }

    /// Whether what is held is of another library than this channel's.
    pub fn is_of_another(self, channel: &Channel) -> bool {
        let other = |entry: &Entry| entry.peek(|photo| Channel::Library(photo.library.clone()) != *channel);
        self.entries.with_untracked(|entries| entries.first().is_some_and(other))
            || self.opened.with_untracked(|opened| opened.as_ref().is_some_and(other))
    }

    fn take(self, news: Known) {
        if let Some(opened) = self.opened.get_untracked().filter(|opened| opened.id == news.photo.id) {
            opened.learn(&news);
        }
        let mut entries = self.entries.get_untracked();
        match entries.iter().find(|entry| entry.id == news.photo.id) {
            Some(entry) => entry.learn(&news),
            None if self.belongs(&news.photo, &entries) => entries.push(Entry::new(news)),
            None => return,
        }
        entries.retain(|entry| entry.peek(|photo| photo.trashed_at.is_none()));
        entries.sort_by_key(Entry::place);
        let order = |entries: &[Entry]| entries.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>();
        if self.entries.with_untracked(|held| order(held) != order(&entries)) {
            self.entries.set(entries);
        }
    }

    /// Whether a photo that is not on the page belongs there.
    fn belongs(self, photo: &Photo, entries: &[Entry]) -> bool {
        if photo.trashed_at.is_some() {
            return false;
        }
        let Some(page) = self.page.get_untracked() else { return false };
        let after_newest = entries
            .first()
            .is_none_or(|newest| newest.peek(|newest| photo.taken_at > newest.taken_at));
        let before_oldest = entries
            .last()
            .is_none_or(|oldest| oldest.peek(|oldest| photo.taken_at < oldest.taken_at));
        (page.before.is_none() || !after_newest) && (page.older.is_none() || !before_oldest)
    }

    /// Loads anew what is held.
    pub async fn reload(self) {
        if let Some(page) = self.page.get_untracked()
            && let Ok(fresh) = timeline(page.before.clone()).await
        {
            self.load(page.before, fresh);
        }
        if let Some(opened) = self.opened.get_untracked()
            && let Ok(fresh) = photo(opened.id).await
        {
            self.learn(fresh);
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

/// The address of the page that begins before a photo.
pub fn address(before: &str) -> String {
    format!("/?before={}", leptos_router::location::Url::escape(before))
}

#[cfg(test)]
mod tests {
    use super::Library;
    use leptos::prelude::Owner;
    use model::live::{Channel, Message, News};
    use model::photos::{Photo, State, Step, Timeline};
    use model::time::Time;

    fn photo(name: u32, taken_at: i64, steps: &[State]) -> Photo {
        let id = format!("0190c9f0-5b1e-7c3a-8d2f-{name:012}").parse().expect("an id");
        let library = "0190c9f0-5b1e-7c3a-8d2f-0000000000aa".parse().expect("an id");
        let history: Vec<_> = steps
            .iter()
            .map(|state| Step {
                state: state.clone(),
                at: Time(0),
            })
            .collect();
        let state = steps.last().cloned().unwrap_or(State::Expected);
        let name = name.to_string();
        Photo {
            id,
            library,
            name,
            bytes: 1,
            sha256: String::new(),
            receipt: None,
            state,
            history,
            size: None,
            thumbhash: None,
            taken_at: Time(taken_at),
            shot: None,
            trashed_at: None,
            media: None,
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
        library
            .entries()
            .iter()
            .map(|entry| entry.peek(|photo| (photo.name.clone(), photo.state.clone())))
            .collect()
    }

    fn page(photos: Vec<Photo>, older: Option<&str>) -> Timeline {
        Timeline {
            photos,
            older: older.map(Into::into),
            number: 10,
        }
    }

    #[test]
    fn what_comes_late_or_twice_undoes_nothing() {
        let owner = Owner::new();
        owner.set();
        let library = Library::new();
        library.load(None, page(vec![photo(1, 5, &[State::Expected])], None));
        library.hear(message(12, photo(1, 5, &[State::Expected, State::Received, State::Ready])));
        assert!(library.misses_something());
        library.hear(message(11, photo(1, 5, &[State::Expected, State::Received])));
        library.hear(message(12, photo(1, 5, &[State::Expected])));
        library.learn(photo(1, 5, &[State::Expected, State::Received]));
        assert_eq!(shown(library), [("1".to_owned(), State::Ready)]);
        assert_eq!((library.misses_something(), library.heard_upto()), (false, Some(12)));
    }

    #[test]
    fn a_message_of_another_library_is_told_apart() {
        let owner = Owner::new();
        owner.set();
        let library = Library::new();
        let mine = message(11, photo(1, 5, &[])).channel;
        let other = Channel::Library("0190c9f0-5b1e-7c3a-8d2f-0000000000bb".parse().expect("an id"));
        assert!(!library.is_of_another(&other), "an empty window shows nobody's");
        library.load(None, page(vec![photo(1, 5, &[])], None));
        assert!(library.is_of_another(&other) && !library.is_of_another(&mine));
    }

    #[test]
    fn new_photos_come_in_where_they_belong_and_those_of_other_pages_do_not() {
        let owner = Owner::new();
        owner.set();
        let library = Library::new();
        library.load(None, page(vec![photo(2, 20, &[]), photo(1, 10, &[])], Some("older")));
        for (number, new) in [(11, photo(3, 15, &[])), (12, photo(4, 30, &[])), (13, photo(5, 1, &[]))] {
            library.hear(message(number, new));
        }
        let names = |library| shown(library).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(library), ["4", "2", "3", "1"]);
        library.load(Some("t".into()), page(vec![photo(1, 10, &[])], None));
        library.hear(message(11, photo(6, 40, &[])));
        library.hear(message(12, photo(5, 1, &[])));
        assert_eq!(names(library), ["1", "5"]);
    }
}
