//! The days of the library, newest first, each with its photos as far as this window holds them: a prefix, from the newest on.

use crate::photos::entry::Entry;
use model::ids::PhotoId;
use model::photos::{Photo, State};
use model::time::Day;
use model::timeline::{DayCount, Start, cursor_of};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

/// Above this many photos, those far from the viewport are evicted.
const MAX_HELD: usize = 2_400;

/// Photos above a missing day that are loaded with it when scrolling up.
const MAX_LOOKBACK: usize = 80;

/// The days with photos, and the photos that are loaded.
#[derive(Debug, Clone, Default)]
pub struct DayIndex {
    days: Vec<HeldDay>,
    /// Whether there may be photos older than the last day.
    has_older: bool,
    /// Whether the counts of all days were loaded: then every day is in `days`.
    counted: bool,
    /// The day of each held photo.
    day_of: HashMap<PhotoId, Day>,
}

/// A day with the photos that are held.
#[derive(Debug, Clone)]
pub struct HeldDay {
    pub day: Day,
    /// Newest first: all, or the newest.
    pub photos: Vec<Entry>,
    /// How many the day has, as far as known.
    pub count: usize,
    /// Whether all of its photos are held.
    pub complete: bool,
}

/// The effect of an update on the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexChange {
    /// No photo moved.
    Unchanged,
    /// A photo was added, removed or moved.
    Moved,
    /// A photo moved to where nothing is held. The count there may be outdated.
    MovedOut,
    /// The photo is not held. The count of its day may be outdated.
    NotHeld,
}

/// The photo before or after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Neighbour {
    /// None at the end of the timeline.
    Known(Option<PhotoId>),
    /// Not loaded.
    Unknown,
}

impl Neighbour {
    /// The photo, if it is known.
    pub fn photo(self) -> Option<PhotoId> {
        match self {
            Self::Known(id) => id,
            Self::Unknown => None,
        }
    }
}

impl DayIndex {
    /// The nearest photos that are ready: the newer and the older.
    pub fn neighbours(&self, id: &PhotoId) -> (Neighbour, Neighbour) {
        let at = self.day_of.get(id).and_then(|day| self.index_of(*day));
        let Some(at) = at else {
            return (Neighbour::Unknown, Neighbour::Unknown);
        };
        let photos = &self.days[at].photos;
        let Some(number) = photos.iter().position(|entry| entry.id == *id) else {
            return (Neighbour::Unknown, Neighbour::Unknown);
        };
        let ready = |entry: &&Entry| entry.with(|photo| photo.state == State::Ready);
        let newer = || {
            if let Some(found) = photos[..number].iter().rev().find(ready) {
                return Neighbour::Known(Some(found.id.clone()));
            }
            for held in self.days[..at].iter().rev() {
                if !held.complete {
                    return Neighbour::Unknown;
                }
                if let Some(found) = held.photos.iter().rev().find(ready) {
                    return Neighbour::Known(Some(found.id.clone()));
                }
            }
            Neighbour::Known(None)
        };
        let older = || {
            if let Some(found) = photos[number + 1..].iter().find(ready) {
                return Neighbour::Known(Some(found.id.clone()));
            }
            if !self.days[at].complete {
                return Neighbour::Unknown;
            }
            for held in &self.days[at + 1..] {
                if let Some(found) = held.photos.iter().find(ready) {
                    return Neighbour::Known(Some(found.id.clone()));
                }
                if !held.complete {
                    return Neighbour::Unknown;
                }
            }
            if self.has_older {
                Neighbour::Unknown
            } else {
                Neighbour::Known(None)
            }
        };
        (newer(), older())
    }

    pub fn days(&self) -> &[HeldDay] {
        &self.days
    }

    /// Whether no day is older than the last one held.
    pub fn end_is_known(&self) -> bool {
        self.counted || !self.has_older
    }

    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The cursor after the photos that are held without a gap; None at the end.
    pub fn next_cursor(&self) -> Option<String> {
        let gap = self.days.iter().position(|held| !held.complete).unwrap_or(self.days.len());
        let held = self
            .days
            .get(gap)
            .filter(|held| !held.photos.is_empty())
            .or(self.days.get(gap.wrapping_sub(1)))?;
        let last = held.photos.last()?;
        (self.has_older || gap < self.days.len()).then(|| last.peek(|photo| cursor_of(photo.wall(), &photo.id)))
    }

    /// The photo, if it is held.
    pub fn find(&self, id: &PhotoId) -> Option<&Entry> {
        let held = &self.days[self.index_of(*self.day_of.get(id)?)?];
        held.photos.iter().find(|entry| entry.id == *id)
    }

    /// Every held photo, newest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.days.iter().flat_map(|held| &held.photos)
    }

    /// The index of a day, or of the next older one.
    pub fn at_or_before(&self, day: Day) -> usize {
        self.days.partition_point(|held| held.day > day)
    }

    fn index_of(&self, day: Day) -> Option<usize> {
        let at = self.at_or_before(day);
        self.days.get(at).filter(|held| held.day == day).map(|_| at)
    }

    /// Adds a page that begins at `start`. `older`: whether more pages follow.
    pub fn load(&mut self, start: &Start, page: Vec<Entry>, older: bool) {
        let Some(last) = page.last().map(Entry::day) else {
            self.load_empty(start, older);
            return;
        };
        let first = page.first().map_or(last, Entry::day);
        for entry in page {
            self.insert(entry);
        }
        let through = |day: Day| day > last || (day == last && !older);
        let top = match start {
            Start::Newest => Day(i32::MAX),
            Start::Day(day) => *day,
            // The photos before the cursor are held.
            Start::Behind(_) => first,
        };
        for held in self.days.iter_mut().filter(|held| held.day <= top && through(held.day)) {
            held.complete = true;
            held.count = held.photos.len();
        }
        if !older {
            self.days.retain(|held| held.day >= last || !held.photos.is_empty());
            self.has_older = false;
        } else if self.days.last().is_some_and(|held| held.day == last) {
            self.has_older = true;
        }
        self.days.retain(|held| held.count > 0);
    }

    fn load_empty(&mut self, start: &Start, older: bool) {
        let Start::Day(day) = start else {
            self.has_older &= older;
            return;
        };
        self.days.retain(|held| held.day > *day || !held.photos.is_empty());
        self.has_older &= older;
    }

    /// Sets how many photos each day has.
    pub fn count(&mut self, counts: &[DayCount]) {
        self.counted = true;
        let known: HashMap<Day, usize> = counts.iter().map(|DayCount(day, count)| (*day, *count as usize)).collect();
        for held in self.days.iter_mut().filter(|held| !held.complete) {
            held.count = known.get(&held.day).copied().unwrap_or(0).max(held.photos.len());
        }
        self.days.retain(|held| held.count > 0);
        let mut days: HashMap<Day, HeldDay> = self.days.drain(..).map(|held| (held.day, held)).collect();
        for (day, count) in known {
            days.entry(day).or_insert_with(|| HeldDay {
                day,
                photos: vec![],
                count,
                complete: false,
            });
        }
        self.days = days.into_values().collect();
        self.days.sort_by_key(|held| Reverse(held.day));
    }

    /// Inserts a photo in order. Raises its day's count only if more photos are held than were counted.
    fn insert(&mut self, entry: Entry) {
        if self.day_of.contains_key(&entry.id) {
            self.remove(&entry.id);
        }
        let day = entry.day();
        let at = self.at_or_before(day);
        if self.days.get(at).is_none_or(|held| held.day != day) {
            let held = HeldDay {
                day,
                photos: vec![],
                count: 0,
                complete: false,
            };
            self.days.insert(at, held);
        }
        self.day_of.insert(entry.id.clone(), day);
        let held = &mut self.days[at];
        let place = entry.sort_key();
        let behind = held.photos.partition_point(|other| other.sort_key() < place);
        held.photos.insert(behind, entry);
        held.count = held.count.max(held.photos.len());
    }

    fn remove(&mut self, id: &PhotoId) -> Option<Entry> {
        let day = self.day_of.remove(id)?;
        let at = self.index_of(day)?;
        let held = &mut self.days[at];
        let found = held.photos.iter().position(|entry| entry.id == *id)?;
        let entry = held.photos.remove(found);
        if held.complete {
            held.count = held.photos.len();
            if held.count == 0 {
                self.days.remove(at);
            }
        }
        Some(entry)
    }

    /// Removes a photo that is shown elsewhere, and from the count of its day.
    pub fn detach(&mut self, id: &PhotoId) -> Option<Entry> {
        let was = self.day_of.get(id).copied()?;
        let entry = self.remove(id);
        self.decrement_count(was);
        entry
    }

    /// Moves or removes a held photo that has changed.
    pub fn reposition(&mut self, id: &PhotoId) -> IndexChange {
        let Some(was) = self.day_of.get(id).copied() else {
            return IndexChange::NotHeld;
        };
        let Some(entry) = self.find(id).cloned() else {
            return IndexChange::NotHeld;
        };
        if !entry.peek(Photo::is_in_timeline) {
            self.detach(id);
            return IndexChange::Moved;
        }
        let held = self.index_of(was).map(|at| &self.days[at]);
        let sorted = held.is_some_and(|held| held.photos.is_sorted_by_key(Entry::sort_key));
        if entry.day() == was && sorted {
            return IndexChange::Unchanged;
        }
        self.detach(id);
        match self.insert_new(entry) {
            IndexChange::NotHeld => IndexChange::MovedOut,
            _ => IndexChange::Moved,
        }
    }

    /// Counts one photo less, unless the day is complete and so counted exactly.
    fn decrement_count(&mut self, day: Day) {
        if let Some(at) = self.index_of(day)
            && !self.days[at].complete
        {
            let held = &mut self.days[at];
            held.count = held.count.saturating_sub(1).max(held.photos.len());
            if held.count == 0 {
                self.days.remove(at);
            }
        }
    }

    /// Inserts a photo that was not held, if the photos around it are.
    pub fn insert_new(&mut self, entry: Entry) -> IndexChange {
        if !entry.peek(Photo::is_in_timeline) {
            return IndexChange::NotHeld;
        }
        let (day, place) = (entry.day(), entry.sort_key());
        let at = self.at_or_before(day);
        match self.days.get(at).filter(|held| held.day == day) {
            Some(held) => {
                let among = held.complete || held.photos.last().is_some_and(|last| place < last.sort_key());
                if !among {
                    return IndexChange::NotHeld;
                }
                let count = held.count;
                self.insert(entry);
                self.days[at].count = count + 1;
                IndexChange::Moved
            }
            // A day of its own, unless it is older than everything that is loaded.
            None if at < self.days.len() || !self.has_older => {
                self.insert(entry);
                self.days[at].complete = true;
                IndexChange::Moved
            }
            None => IndexChange::NotHeld,
        }
    }

    /// Where the next page begins that the visible days need. None if they are complete.
    pub fn next_page(&self, visible: Range<usize>) -> Option<Start> {
        let visible = visible.start.min(self.days.len())..visible.end.min(self.days.len());
        let missing = visible.clone().find(|at| !self.days[*at].complete);
        let Some(missing) = missing else {
            // At the end of what is loaded.
            let last = self.days.last()?.photos.last()?;
            let ends = visible.end == self.days.len() && self.has_older;
            return ends.then(|| Start::Behind(last.peek(|photo| cursor_of(photo.wall(), &photo.id))));
        };
        if let Some(last) = self.days[missing].photos.last() {
            return Some(Start::Behind(last.peek(|photo| cursor_of(photo.wall(), &photo.id))));
        }
        // When scrolling up, the page begins some days earlier, so that all of it is of use.
        let (mut begin, mut photos) = (missing, 0);
        while begin > 0 && missing == visible.start {
            let before = &self.days[begin - 1];
            photos += before.count;
            if before.complete || !before.photos.is_empty() || photos > MAX_LOOKBACK {
                break;
            }
            begin -= 1;
        }
        Some(Start::Day(self.days[begin].day))
    }

    /// Evicts photos far from the visible days, if too many are held.
    pub fn evict(&mut self, visible: &Range<usize>) {
        let mut held = self.day_of.len();
        if held <= MAX_HELD {
            return;
        }
        let mut far: Vec<usize> = (0..self.days.len()).filter(|at| !visible.contains(at)).collect();
        far.sort_by_key(|at| Reverse(at.abs_diff(visible.start).min(at.abs_diff(visible.end))));
        for at in far {
            if held <= MAX_HELD / 2 {
                break;
            }
            let day = &mut self.days[at];
            held -= day.photos.len();
            for entry in day.photos.drain(..) {
                self.day_of.remove(&entry.id);
            }
            day.complete = false;
        }
    }
}

#[cfg(test)]
mod tests;
