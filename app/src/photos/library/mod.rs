//! The part of the viewer's library that this window holds.

mod changes;
pub mod day_index;

use super::addresses::{collection_address, timeline_address};
use super::api::{collection as collection_page, days, photo, timeline};
use super::entry::Entry;
use crate::live::ReceivedNumbers;
use crate::ui::error::RequestError;
use day_index::{DayIndex, Neighbour};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::ids::PhotoId;
use model::photos::{Photo, State};
use model::timeline::{Collection, Start, Timeline};
use std::collections::HashMap;

/// The most photos that are shown as just added; more go into the timeline at once.
const MAX_JUST_ADDED: usize = 60;

/// The client-side store: days of the timeline, what this window has just added, a collection and the open photo.
#[derive(Clone, Copy)]
pub struct Library {
    /// Where the first loaded page of the timeline begins.
    start: RwSignal<Option<Start>>,
    pub(super) day_index: RwSignal<DayIndex>,
    /// Whether the photos of each day were counted, and the counts are current.
    counted: StoredValue<bool>,
    /// What this window has uploaded. It moves into the timeline only on request: an old photo would vanish from view at once.
    pub(super) just_added: RwSignal<Vec<Entry>>,
    /// The page of a collection that was loaded last.
    pub(super) collection: RwSignal<Option<LoadedCollection>>,
    opened: RwSignal<Option<Entry>>,
    /// The photo that was open last, until a list has shown it.
    last_viewed: StoredValue<Option<PhotoId>>,
    /// Whether the viewer hides the information beside the photo.
    pub(super) info_hidden: RwSignal<bool>,
    /// Sequence numbers of the events that were received.
    received: StoredValue<ReceivedNumbers>,
    /// The latest revision received of each photo, also of those that are no longer held.
    latest_revisions: StoredValue<HashMap<PhotoId, u64>>,
    /// Whether the socket is open.
    live: RwSignal<bool>,
    /// The last error, while the toast shows it.
    pub(super) error: RwSignal<Option<RequestError>>,
}

/// A page of a collection.
#[derive(Clone)]
pub(super) struct LoadedCollection {
    pub collection: Collection,
    /// Where the page begins.
    pub start: Start,
    /// Its photos, newest first.
    pub entries: Vec<Entry>,
    /// Cursor of the next page, if there is one.
    pub older: Option<String>,
}

impl LoadedCollection {
    /// Inserts a photo in order, if it belongs on this page.
    fn insert(&mut self, entry: Entry) {
        let at = self.entries.partition_point(|other| other.sort_key() < entry.sort_key());
        let newer_than_page = at == 0 && self.start != Start::Newest;
        let older_than_page = at == self.entries.len() && self.older.is_some();
        if !newer_than_page && !older_than_page {
            self.entries.insert(at, entry);
        }
    }

    /// The nearest photos that are ready: the newer and the older.
    fn neighbours(&self, id: &PhotoId) -> (Neighbour, Neighbour) {
        let Some(at) = self.entries.iter().position(|entry| entry.id == *id) else {
            return (Neighbour::Unknown, Neighbour::Unknown);
        };
        let ready = |entry: &&Entry| entry.with(|photo| photo.state == State::Ready);
        let neighbour = |found: Option<&Entry>, ends: bool| match found {
            None if !ends => Neighbour::Unknown,
            found => Neighbour::Known(found.map(|entry| entry.id.clone())),
        };
        let (newer, older) = (
            self.entries[..at].iter().rev().find(ready),
            self.entries[at + 1..].iter().find(ready),
        );
        (
            neighbour(newer, self.start == Start::Newest),
            neighbour(older, self.older.is_none()),
        )
    }
}

impl Library {
    /// Empty.
    pub fn new() -> Self {
        Self {
            start: RwSignal::new(None),
            day_index: RwSignal::new(DayIndex::default()),
            counted: StoredValue::new(false),
            just_added: RwSignal::new(vec![]),
            collection: RwSignal::new(None),
            opened: RwSignal::new(None),
            last_viewed: StoredValue::new(None),
            info_hidden: RwSignal::new(false),
            received: StoredValue::new(ReceivedNumbers::default()),
            latest_revisions: StoredValue::new(HashMap::new()),
            live: RwSignal::new(false),
            error: RwSignal::new(None),
        }
    }

    /// From the context.
    pub fn from_context() -> Self {
        use_context().unwrap_or_else(Self::new)
    }

    /// Whether no photo is in the timeline.
    pub fn is_empty(self) -> bool {
        self.day_index.with(DayIndex::is_empty) && self.just_added.with(Vec::is_empty)
    }

    /// Whether the timeline from `start` is held, and kept up to date.
    pub fn holds(self, start: &Start) -> bool {
        self.is_live() && self.start.with_untracked(|held| held.as_ref() == Some(start))
    }

    /// Whether the timeline begins with its newest photo.
    pub fn begins_with_newest(self) -> bool {
        self.start.with(|start| *start == Some(Start::Newest))
    }

    /// The nearest photos that are ready, the newer and the older, as far as they are known: in the timeline, or in the collection that
    /// the photo was opened from.
    pub fn neighbours(self, id: &PhotoId, collection: Option<Collection>) -> (Neighbour, Neighbour) {
        if let Some(collection) = collection {
            return self.collection.with(|held| match held {
                Some(held) if held.collection == collection => held.neighbours(id),
                _ => (Neighbour::Unknown, Neighbour::Unknown),
            });
        }
        let just_added = self.just_added.read();
        if just_added.is_empty() {
            return self.day_index.with(|index| index.neighbours(id));
        }
        // As if what was just added had been merged into the timeline.
        let mut day_index = self.day_index.get();
        for entry in just_added.iter() {
            day_index.insert_new(entry.clone());
        }
        day_index.neighbours(id)
    }

    /// The photo, if it is held.
    pub fn find(self, id: &PhotoId) -> Option<Entry> {
        let in_collection = || {
            let collection = self.collection.read_untracked();
            collection
                .as_ref()
                .and_then(|held| held.entries.iter().find(|entry| entry.id == *id).cloned())
        };
        let just_added = || {
            self.just_added
                .with_untracked(|entries| entries.iter().find(|entry| entry.id == *id).cloned())
        };
        let found = self.day_index.with_untracked(|index| index.find(id).cloned());
        found.or_else(just_added).or_else(in_collection)
    }

    /// Replaces the timeline by its first page, which begins at `start`.
    pub fn load(self, start: Start, page: Timeline) {
        let number = page.number;
        let mut day_index = DayIndex::default();
        day_index.load(&start, self.entries_of(page.photos, number), page.older.is_some());
        self.day_index.set(day_index);
        self.start.set(Some(start));
        self.counted.set_value(false);
        self.received.update_value(|received| received.start(number));
    }

    /// Adds one more page.
    fn load_more(self, start: &Start, page: Timeline) {
        let entries = self.entries_of(page.photos, 0);
        self.day_index
            .update(|index| index.load(start, entries, page.older.is_some()));
    }

    /// Entries for a page's photos, without those that were just added. Held entries are reused, so their elements stay.
    fn entries_of(self, photos: Vec<Photo>, number: u64) -> Vec<Entry> {
        let just_added = self.just_added.read_untracked();
        let others = photos
            .into_iter()
            .filter(|photo| !just_added.iter().any(|entry| entry.id == photo.id));
        let entries = others.map(|photo| match self.find(&photo.id) {
            Some(entry) => {
                entry.update(&photo, number);
                entry
            }
            None => Entry::new(photo, number),
        });
        entries.collect()
    }

    /// Loads a page of the timeline. Returns false on an error, which the toast shows.
    pub async fn fetch_page(self, start: Start) -> bool {
        match timeline(start.clone()).await {
            Ok(page) => {
                self.load_more(&start, page);
                true
            }
            Err(error) => {
                self.error.set(Some(error));
                false
            }
        }
    }

    /// Fetches how many photos each day has, unless the counts are current.
    pub fn count_days(self) {
        if self.counted.try_update_value(|counted| std::mem::replace(counted, true)) == Some(false) {
            spawn_local(async move {
                match days().await {
                    Ok(counts) => self.day_index.update(|index| index.count(&counts)),
                    // Without counts the timeline grows page by page.
                    Err(_) => self.counted.set_value(false),
                }
            });
        }
    }

    /// Whether this page of a collection is held, and kept up to date.
    pub fn holds_collection(self, collection: Collection, start: &Start) -> bool {
        let held = |held: &LoadedCollection| held.collection == collection && held.start == *start;
        self.is_live() && self.collection.with_untracked(|page| page.as_ref().is_some_and(held))
    }

    /// Replaces the held page of a collection.
    pub fn load_collection(self, collection: Collection, start: Start, page: Timeline) {
        let held = LoadedCollection {
            collection,
            start,
            entries: self.entries_of(page.photos, page.number),
            older: page.older,
        };
        self.collection.set(Some(held));
        self.received.update_value(|received| {
            if received.upto().is_none() {
                received.start(page.number);
            }
        });
    }

    /// Opens a photo that was fetched.
    pub fn open(self, photo: Photo) -> Entry {
        let entry = match self.find(&photo.id) {
            Some(entry) => {
                entry.refresh(&photo);
                entry
            }
            None => Entry::new(photo, 0),
        };
        self.hold_open(&entry);
        entry
    }

    /// Opens a photo that is held.
    pub fn hold_open(self, entry: &Entry) {
        self.last_viewed.set_value(Some(entry.id.clone()));
        self.opened.set(Some(entry.clone()));
    }

    /// The photo that was open last; None from then on.
    pub(super) fn take_last_viewed(self) -> Option<PhotoId> {
        self.last_viewed.try_update_value(Option::take).flatten()
    }

    /// Where the timeline that is held begins.
    pub fn start(self) -> Start {
        self.start.get_untracked().unwrap_or(Start::Newest)
    }

    /// The address of the timeline that is held.
    pub fn address(self) -> String {
        timeline_address(&self.start())
    }

    /// Whether this photo was open last. Reactive.
    pub fn is_opened(self, id: &PhotoId) -> bool {
        self.opened
            .with(|opened| opened.as_ref().is_some_and(|opened| opened.id == *id))
    }

    /// The photo that was open last.
    pub fn opened(self) -> Option<Entry> {
        self.opened.get_untracked()
    }

    /// Shows a photo as just added.
    pub fn add(self, photo: Photo) {
        let id = photo.id.clone();
        self.apply_response(photo);
        // An event about it may have arrived before the response, and put it into the timeline.
        if self.day_index.with_untracked(|index| index.find(&id).is_some())
            && self.just_added.with_untracked(Vec::len) < MAX_JUST_ADDED
        {
            let entry = self.day_index.try_update(|index| index.detach(&id)).flatten();
            self.just_added.update(|entries| entries.splice(..0, entry).for_each(drop));
        }
    }

    /// Moves what was just added into the timeline.
    pub fn merge_just_added(self) {
        let just_added = std::mem::take(&mut *self.just_added.write());
        self.day_index.update(|day_index| {
            for entry in just_added {
                day_index.insert_new(entry);
            }
        });
    }

    /// The address of the held page of a collection, or else of its first page.
    pub fn collection_path(self, collection: Collection) -> String {
        let held = self.collection.read_untracked();
        let held = held.as_ref().filter(|held| held.collection == collection);
        collection_address(collection, held.map_or(&Start::Newest, |held| &held.start))
    }

    /// Fetches everything that is held again.
    pub async fn reload(self) {
        if let Some(held) = self.collection.get_untracked()
            && let Ok(page) = collection_page(held.collection, held.start.clone()).await
        {
            self.load_collection(held.collection, held.start, page);
        }
        if let Some(start) = self.start.get_untracked()
            && let Ok(page) = timeline(start.clone()).await
        {
            self.load(start, page);
            self.count_days();
        }
        if let Some(opened) = self.opened.get_untracked()
            && let Ok(response) = photo(opened.id).await
        {
            self.apply(response, 0);
        }
    }

    /// The sequence number up to which no event is missing, if any is known.
    pub fn received_up_to(self) -> Option<u64> {
        self.received.with_value(ReceivedNumbers::upto)
    }

    /// Whether there is a gap in the sequence numbers.
    pub fn has_gap(self) -> bool {
        self.received.with_value(ReceivedNumbers::has_gap)
    }

    /// Whether the socket is open. Reactive.
    pub fn live(self) -> bool {
        self.live.get()
    }

    /// Whether the socket is open, untracked.
    pub fn is_live(self) -> bool {
        self.live.get_untracked()
    }

    /// Sets whether the socket is open.
    pub fn set_live(self, live: bool) {
        self.live.set(live);
    }
}

#[cfg(test)]
mod tests;
