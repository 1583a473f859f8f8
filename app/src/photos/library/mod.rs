//! The part of the viewer's library that this window holds.

mod changes;

use super::addresses::{shelf_address, timeline_address};
use super::api::{days, photo, shelf as shelf_page, timeline};
use super::entry::Entry;
use super::table::roll::{Roll, Side};
use super::table::sight::LeftAt;
use crate::live::Heard;
use crate::ui::fault::Fault;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::ids::PhotoId;
use model::photos::{Photo, State};
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
    pub(super) shelf: RwSignal<Option<HeldShelf>>,
    opened: RwSignal<Option<Entry>>,
    /// The photo that was open last, since the table was looked at.
    viewed: StoredValue<Option<PhotoId>>,
    /// Where somebody looked who will come back.
    pub(super) left_at: StoredValue<Option<LeftAt>>,
    /// Whether a photo is looked at without what is known of it.
    pub(super) bare: RwSignal<bool>,
    heard: StoredValue<Heard>,
    /// The newest revision that was told of each photo, also of those that are not held any more.
    newest: StoredValue<HashMap<PhotoId, u64>>,
    live: RwSignal<bool>,
    /// What could not be done, for a while.
    pub(super) trouble: RwSignal<Option<Fault>>,
}

/// A page of a shelf.
#[derive(Clone)]
pub(super) struct HeldShelf {
    /// Which.
    pub shelf: Shelf,
    /// Where the page begins.
    pub start: Start,
    /// Its photos, newest first.
    pub entries: Vec<Entry>,
    /// Where the next page begins, if there is one.
    pub older: Option<String>,
}

impl HeldShelf {
    /// Puts a photo where it belongs, if that is on this page.
    fn insert(&mut self, entry: Entry) {
        let at = self.entries.partition_point(|other| other.place() < entry.place());
        let newer_than_page = at == 0 && self.start != Start::Newest;
        let older_than_page = at == self.entries.len() && self.older.is_some();
        if !newer_than_page && !older_than_page {
            self.entries.insert(at, entry);
        }
    }

    /// The photos that can be looked at beside one.
    fn beside(&self, id: &PhotoId) -> (Side, Side) {
        let Some(at) = self.entries.iter().position(|entry| entry.id == *id) else {
            return (Side::Unknown, Side::Unknown);
        };
        let ready = |entry: &&Entry| entry.with(|photo| photo.state == State::Ready);
        let side = |found: Option<&Entry>, ends: bool| match found {
            None if !ends => Side::Unknown,
            found => Side::Known(found.map(|entry| entry.id.clone())),
        };
        let (newer, older) = (
            self.entries[..at].iter().rev().find(ready),
            self.entries[at + 1..].iter().find(ready),
        );
        (side(newer, self.start == Start::Newest), side(older, self.older.is_none()))
    }
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
            viewed: StoredValue::new(None),
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

    /// The photos that can be looked at beside this one, the newer and the older, as far as they are known: in the timeline, or on the
    /// shelf that it is looked at from.
    pub fn beside(self, id: &PhotoId, shelf: Option<Shelf>) -> (Side, Side) {
        if let Some(shelf) = shelf {
            return self.shelf.with(|held| match held {
                Some(held) if held.shelf == shelf => held.beside(id),
                _ => (Side::Unknown, Side::Unknown),
            });
        }
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
                .and_then(|held| held.entries.iter().find(|entry| entry.id == *id).cloned())
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
        if self.start.get_untracked().as_ref() != Some(&start) {
            self.left_at.set_value(None);
        }
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

    /// Whether this page of a shelf is held, and kept up to date.
    pub fn holds_shelf(self, shelf: Shelf, start: &Start) -> bool {
        let held = |held: &HeldShelf| held.shelf == shelf && held.start == *start;
        self.is_live() && self.shelf.with_untracked(|page| page.as_ref().is_some_and(held))
    }

    /// Holds a page of a shelf.
    pub fn load_shelf(self, shelf: Shelf, start: Start, page: Timeline) {
        let held = HeldShelf {
            shelf,
            start,
            entries: self.entries_of(page.photos, page.number),
            older: page.older,
        };
        self.shelf.set(Some(held));
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
        self.hold_open(&entry);
        entry
    }

    /// A photo that is held is open.
    pub fn hold_open(self, entry: &Entry) {
        self.viewed.set_value(Some(entry.id.clone()));
        self.opened.set(Some(entry.clone()));
    }

    /// The photo that was open last, told once.
    pub(super) fn take_viewed(self) -> Option<PhotoId> {
        self.viewed.try_update_value(Option::take).flatten()
    }

    /// Where somebody comes back to the table, if they have been there.
    pub(super) fn come_back(self) -> Option<LeftAt> {
        let viewed = self.take_viewed();
        let left = self.left_at.try_update_value(Option::take).flatten()?;
        Some(LeftAt { viewed, ..left })
    }

    /// The address of the timeline that is held.
    pub fn address(self) -> String {
        timeline_address(&self.start.get_untracked().unwrap_or(Start::Newest))
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

    /// The address of the page of a shelf that is held, or else of its first.
    pub fn shelf_page(self, shelf: Shelf) -> String {
        let held = self.shelf.read_untracked();
        let held = held.as_ref().filter(|held| held.shelf == shelf);
        shelf_address(shelf, held.map_or(&Start::Newest, |held| &held.start))
    }

    /// Loads anew what is held.
    pub async fn reload(self) {
        if let Some(held) = self.shelf.get_untracked()
            && let Ok(fresh) = shelf_page(held.shelf, held.start.clone()).await
        {
            self.load_shelf(held.shelf, held.start, fresh);
        }
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
mod tests;
