//! The days of a library, newest first, and of each as many photos as this window holds: from its newest on.

use super::super::entry::Entry;
use model::ids::PhotoId;
use model::photos::{Photo, State};
use model::time::Day;
use model::timeline::{DayCount, Start, place};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

/// More photos than this are let go of where nobody looks.
const MOST_HELD: usize = 2_400;

/// Days before what is looked at that are loaded together with it.
const LOOK_BACK: usize = 80;

/// What this window holds of a library.
#[derive(Debug, Clone, Default)]
pub struct Roll {
    days: Vec<Held>,
    /// Whether there may be photos older than all of these days.
    more: bool,
    /// Whether the days were counted: then all of them are here.
    counted: bool,
    /// In which day a photo is held.
    whereabouts: HashMap<PhotoId, Day>,
}

/// A day, and what is held of it.
#[derive(Debug, Clone)]
pub struct Held {
    /// The day.
    pub day: Day,
    /// Its photos, newest first: all, or the newest.
    pub photos: Vec<Entry>,
    /// How many it has, as far as one knows.
    pub count: usize,
    /// Whether all are held.
    pub whole: bool,
}

/// What a photo's news were to the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// What is held has not changed its place.
    Same,
    /// It came, went or moved.
    Moved,
    /// It went to where nothing is held: the counts may be other than known there.
    Gone,
    /// It concerns what is not held: the counts may be other than known.
    Elsewhere,
}

/// What is beside a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// This photo, or the end of the timeline.
    Known(Option<PhotoId>),
    /// What is not held.
    Unknown,
}

impl Side {
    /// The photo, as far as one is known.
    pub fn photo(self) -> Option<PhotoId> {
        match self {
            Self::Known(id) => id,
            Self::Unknown => None,
        }
    }
}

impl Roll {
    /// The photos that can be looked at beside one: the newer and the older.
    pub fn beside(&self, id: &PhotoId) -> (Side, Side) {
        let at = self.whereabouts.get(id).and_then(|day| self.index_of(*day));
        let Some(at) = at else { return (Side::Unknown, Side::Unknown) };
        let photos = &self.days[at].photos;
        let Some(number) = photos.iter().position(|entry| entry.id == *id) else {
            return (Side::Unknown, Side::Unknown);
        };
        let ready = |entry: &&Entry| entry.with(|photo| photo.state == State::Ready);
        let newer = || {
            if let Some(found) = photos[..number].iter().rev().find(ready) {
                return Side::Known(Some(found.id.clone()));
            }
            for held in self.days[..at].iter().rev() {
                if !held.whole {
                    return Side::Unknown;
                }
                if let Some(found) = held.photos.iter().rev().find(ready) {
                    return Side::Known(Some(found.id.clone()));
                }
            }
            Side::Known(None)
        };
        let older = || {
            if let Some(found) = photos[number + 1..].iter().find(ready) {
                return Side::Known(Some(found.id.clone()));
            }
            if !self.days[at].whole {
                return Side::Unknown;
            }
            for held in &self.days[at + 1..] {
                if let Some(found) = held.photos.iter().find(ready) {
                    return Side::Known(Some(found.id.clone()));
                }
                if !held.whole {
                    return Side::Unknown;
                }
            }
            if self.more { Side::Unknown } else { Side::Known(None) }
        };
        (newer(), older())
    }

    /// The days, newest first.
    pub fn days(&self) -> &[Held] {
        &self.days
    }

    /// Whether its oldest day is known: it was counted, or its last page is held.
    pub fn knows_its_end(&self) -> bool {
        self.counted || !self.more
    }

    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Where a page that goes on behind the last photo of a page without gaps begins.
    pub fn behind(&self) -> Option<String> {
        let gap = self.days.iter().position(|held| !held.whole).unwrap_or(self.days.len());
        let held = self
            .days
            .get(gap)
            .filter(|held| !held.photos.is_empty())
            .or(self.days.get(gap.wrapping_sub(1)))?;
        let last = held.photos.last()?;
        (self.more || gap < self.days.len()).then(|| last.peek(|photo| place(photo.wall(), &photo.id)))
    }

    /// The photo, where it is held.
    pub fn find(&self, id: &PhotoId) -> Option<&Entry> {
        let held = &self.days[self.index_of(*self.whereabouts.get(id)?)?];
        held.photos.iter().find(|entry| entry.id == *id)
    }

    /// Every photo that is held, newest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.days.iter().flat_map(|held| &held.photos)
    }

    /// Which day this is; where it is none of the days, the next older one.
    pub fn at_or_before(&self, day: Day) -> usize {
        self.days.partition_point(|held| held.day > day)
    }

    fn index_of(&self, day: Day) -> Option<usize> {
        let at = self.at_or_before(day);
        self.days.get(at).filter(|held| held.day == day).map(|_| at)
    }

    /// Takes a page in, which began at `start`.
    pub fn load(&mut self, start: &Start, page: Vec<Entry>, older: bool) {
        let Some(last) = page.last().map(Entry::day) else {
            self.nothing_from(start, older);
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
            // What stands before it in its day is held.
            Start::Behind(_) => first,
        };
        for held in self.days.iter_mut().filter(|held| held.day <= top && through(held.day)) {
            held.whole = true;
            held.count = held.photos.len();
        }
        if !older {
            self.days.retain(|held| held.day >= last || !held.photos.is_empty());
            self.more = false;
        } else if self.days.last().is_some_and(|held| held.day == last) {
            self.more = true;
        }
        self.days.retain(|held| held.count > 0);
    }

    fn nothing_from(&mut self, start: &Start, older: bool) {
        let Start::Day(day) = start else {
            self.more &= older;
            return;
        };
        self.days.retain(|held| held.day > *day || !held.photos.is_empty());
        self.more &= older;
    }

    /// Learns how many photos each day has.
    pub fn count(&mut self, counts: &[DayCount]) {
        self.counted = true;
        let known: HashMap<Day, usize> = counts.iter().map(|DayCount(day, count)| (*day, *count as usize)).collect();
        for held in self.days.iter_mut().filter(|held| !held.whole) {
            held.count = known.get(&held.day).copied().unwrap_or(0).max(held.photos.len());
        }
        self.days.retain(|held| held.count > 0);
        let mut days: HashMap<Day, Held> = self.days.drain(..).map(|held| (held.day, held)).collect();
        for (day, count) in known {
            days.entry(day).or_insert_with(|| Held {
                day,
                photos: vec![],
                count,
                whole: false,
            });
        }
        self.days = days.into_values().collect();
        self.days.sort_by_key(|held| Reverse(held.day));
    }

    /// Puts a photo where it belongs. Its day's count grows only with a photo that is more than were counted.
    fn insert(&mut self, entry: Entry) {
        if self.whereabouts.contains_key(&entry.id) {
            self.remove(&entry.id);
        }
        let day = entry.day();
        let at = self.at_or_before(day);
        if self.days.get(at).is_none_or(|held| held.day != day) {
            let held = Held {
                day,
                photos: vec![],
                count: 0,
                whole: false,
            };
            self.days.insert(at, held);
        }
        self.whereabouts.insert(entry.id.clone(), day);
        let held = &mut self.days[at];
        let place = entry.place();
        let behind = held.photos.partition_point(|other| other.place() < place);
        held.photos.insert(behind, entry);
        held.count = held.count.max(held.photos.len());
    }

    fn remove(&mut self, id: &PhotoId) -> Option<Entry> {
        let day = self.whereabouts.remove(id)?;
        let at = self.index_of(day)?;
        let held = &mut self.days[at];
        let found = held.photos.iter().position(|entry| entry.id == *id)?;
        let entry = held.photos.remove(found);
        if held.whole {
            held.count = held.photos.len();
            if held.count == 0 {
                self.days.remove(at);
            }
        }
        Some(entry)
    }

    /// A photo is held elsewhere from now on.
    pub fn take_out(&mut self, id: &PhotoId) -> Option<Entry> {
        let was = self.whereabouts.get(id).copied()?;
        let entry = self.remove(id);
        self.less(was);
        entry
    }

    /// A photo that is held may be another one now: it stays, moves or goes.
    pub fn changed(&mut self, id: &PhotoId) -> Taken {
        let Some(was) = self.whereabouts.get(id).copied() else {
            return Taken::Elsewhere;
        };
        let Some(entry) = self.find(id).cloned() else {
            return Taken::Elsewhere;
        };
        if !entry.peek(Photo::is_on_the_table) {
            self.take_out(id);
            return Taken::Moved;
        }
        let held = self.index_of(was).map(|at| &self.days[at]);
        let sorted = held.is_some_and(|held| held.photos.is_sorted_by_key(Entry::place));
        if entry.day() == was && sorted {
            return Taken::Same;
        }
        self.take_out(id);
        match self.arrived(entry) {
            Taken::Elsewhere => Taken::Gone,
            _ => Taken::Moved,
        }
    }

    /// A photo of a day that is not held whole is gone from it.
    fn less(&mut self, day: Day) {
        if let Some(at) = self.index_of(day)
            && !self.days[at].whole
        {
            let held = &mut self.days[at];
            held.count = held.count.saturating_sub(1).max(held.photos.len());
            if held.count == 0 {
                self.days.remove(at);
            }
        }
    }

    /// A photo that was not held comes, where what is around it is held.
    pub fn arrived(&mut self, entry: Entry) -> Taken {
        if !entry.peek(Photo::is_on_the_table) {
            return Taken::Elsewhere;
        }
        let (day, place) = (entry.day(), entry.place());
        let at = self.at_or_before(day);
        match self.days.get(at).filter(|held| held.day == day) {
            Some(held) => {
                let among = held.whole || held.photos.last().is_some_and(|last| place < last.place());
                if !among {
                    return Taken::Elsewhere;
                }
                let count = held.count;
                self.insert(entry);
                self.days[at].count = count + 1;
                Taken::Moved
            }
            // A day of its own, unless it is older than all that is known.
            None if at < self.days.len() || !self.more => {
                self.insert(entry);
                self.days[at].whole = true;
                Taken::Moved
            }
            None => Taken::Elsewhere,
        }
    }

    /// Where the next page is to begin, for what is looked at to be whole.
    pub fn wanted(&self, looked_at: Range<usize>) -> Option<Start> {
        let looked_at = looked_at.start.min(self.days.len())..looked_at.end.min(self.days.len());
        let missing = looked_at.clone().find(|at| !self.days[*at].whole);
        let Some(missing) = missing else {
            // The end of what is known is in sight.
            let last = self.days.last()?.photos.last()?;
            let ends = looked_at.end == self.days.len() && self.more;
            return ends.then(|| Start::Behind(last.peek(|photo| place(photo.wall(), &photo.id))));
        };
        if let Some(last) = self.days[missing].photos.last() {
            return Some(Start::Behind(last.peek(|photo| place(photo.wall(), &photo.id))));
        }
        // Going up, a page begins some days before, so that it is of use whole.
        let (mut begin, mut photos) = (missing, 0);
        while begin > 0 && missing == looked_at.start {
            let before = &self.days[begin - 1];
            photos += before.count;
            if before.whole || !before.photos.is_empty() || photos > LOOK_BACK {
                break;
            }
            begin -= 1;
        }
        Some(Start::Day(self.days[begin].day))
    }

    /// Lets go of photos where nobody looks, if they are many.
    pub fn let_go(&mut self, looked_at: &Range<usize>) {
        let mut held = self.whereabouts.len();
        if held <= MOST_HELD {
            return;
        }
        let mut far: Vec<usize> = (0..self.days.len()).filter(|at| !looked_at.contains(at)).collect();
        far.sort_by_key(|at| Reverse(at.abs_diff(looked_at.start).min(at.abs_diff(looked_at.end))));
        for at in far {
            if held <= MOST_HELD / 2 {
                break;
            }
            let day = &mut self.days[at];
            held -= day.photos.len();
            for entry in day.photos.drain(..) {
                self.whereabouts.remove(&entry.id);
            }
            day.whole = false;
        }
    }
}

#[cfg(test)]
mod tests;
