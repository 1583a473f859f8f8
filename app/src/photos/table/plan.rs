//! Where each line of the light table lies: justified rows, by day.
//!
//! Days with few photos share a line. Which days do depends on their counts alone, so that a line stays together while
//! what is around it is being loaded.

use super::super::entry::Entry;
use super::aspect::Aspect;
use super::roll::{Held, Roll};
use model::ids::PhotoId;
use model::time::Day;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// Between photos, in pixels. The style has the same.
pub const GAP: f64 = 3.0;

/// Above a line that begins a day, for the page's text size. The style has the same, in `rem`.
pub const LABEL_REM: f64 = 2.5;

/// Text size that is assumed where nobody says, in pixels.
pub const USUAL_TEXT: f64 = 16.0;

/// How wide a photo is for its height, as long as nobody knows.
const USUAL_ASPECT: f64 = 1.4;

/// A last line that is as full as this is stretched to the edge.
const FULL: f64 = 0.85;

/// No element can be higher than 33,554,428 pixels in Chromium, and 17,895,697 in Firefox: what is not loaded is thought
/// less high where all of it together would be more than this.
const MOST_HEIGHT: f64 = 12_000_000.0;

/// Windows by their width: up to how many pixels, and how wide a line is for its height. The style has the same edges.
const DIVISIONS: [(f64, f64); 5] = [
    (600.0, 2.8),
    (1000.0, 4.2),
    (1600.0, 5.8),
    (2200.0, 7.4),
    (f64::INFINITY, 9.6),
];

/// How lines are divided: windows of about one width do it alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Division(usize);

impl Division {
    /// For a window of this width, in pixels.
    pub fn of(window: f64) -> Self {
        let wider = DIVISIONS.iter().take_while(|(edge, _)| window >= *edge).count();
        Self(wider.min(DIVISIONS.len() - 1))
    }

    /// Whether photos are neither too small nor too large where another division would fit: it is at most the next.
    pub fn serves(self, other: Self) -> bool {
        self.0.abs_diff(other.0) <= 1
    }

    /// For the style.
    pub fn class(self) -> String {
        format!("divided-{}", self.0)
    }

    /// How wide a line is for its height.
    fn stretch(self) -> f64 {
        DIVISIONS.get(self.0).map_or(1.0, |(_, stretch)| *stretch)
    }
}

/// How wide the table is, how high its text, and how it is divided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Space {
    /// In pixels.
    pub width: f64,
    /// The page's text size, in pixels.
    pub text: f64,
    /// How its lines are.
    pub division: Division,
}

impl Space {
    /// How high a line is as a rule.
    fn height(self) -> f64 {
        self.width / self.division.stretch()
    }

    /// Above a line that begins a day, in pixels.
    fn label(self) -> f64 {
        LABEL_REM * self.text
    }

    /// Photos of as many days as share a line.
    fn capacity(self) -> usize {
        ((self.division.stretch() / USUAL_ASPECT) as usize).max(1)
    }
}

/// A photo in its line.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The photo.
    pub entry: Entry,
    /// How wide it is for its height.
    pub aspect: Aspect,
    /// The day that begins with it.
    pub begins: Option<Day>,
}

/// Photos beside each other.
#[derive(Debug, Clone)]
pub struct Line {
    /// From the left.
    pub photos: Vec<Placed>,
    /// Whether a day begins in it.
    pub labelled: bool,
    /// What stands behind the last photo of a line that is not full.
    pub rest: Option<Aspect>,
    /// From the top of the table, in pixels.
    pub top: f64,
    /// In pixels, with its label.
    pub height: f64,
}

/// What tells one line from another: its first photo, and a hash of all its photos, their shapes and their days.
pub type LineKey = (PhotoId, u64);

impl Line {
    /// The line by its photos.
    pub fn key(&self) -> Option<LineKey> {
        let mut hash = DefaultHasher::new();
        self.rest.hash(&mut hash);
        for placed in &self.photos {
            (&placed.entry.id, placed.aspect, placed.begins).hash(&mut hash);
        }
        Some((self.photos.first()?.entry.id.clone(), hash.finish()))
    }

    fn new(photos: Vec<Placed>, space: Space, top: f64) -> Self {
        let sum: f64 = photos.iter().map(|placed| placed.aspect.value()).sum();
        let stretch = space.division.stretch();
        let rest = (sum < stretch * FULL).then(|| Aspect::nearest(stretch - sum));
        let labelled = photos.iter().any(|placed| placed.begins.is_some());
        let gaps = GAP * (photos.len().saturating_sub(1) + usize::from(rest.is_some())) as f64;
        let all = sum + rest.map_or(0.0, Aspect::value);
        let height = (space.width - gaps).max(1.0) / all + if labelled { space.label() } else { 0.0 };
        Self {
            photos,
            labelled,
            rest,
            top,
            height,
        }
    }
}

/// Where everything lies.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The lines of what is held, from the top.
    pub lines: Vec<Line>,
    /// Where each day of the roll begins, from the top, in pixels.
    pub tops: Vec<f64>,
    /// Of all, in pixels.
    pub height: f64,
    /// Lines by their first photo.
    by_first: HashMap<PhotoId, usize>,
}

/// Something that takes room: a line, or what is not held and so is only guessed.
enum Room {
    Line(Vec<Placed>, Vec<usize>),
    Guessed { height: f64, days: Vec<usize> },
}

impl Plan {
    /// Lays out what is held, and leaves room for what is not.
    pub fn new(roll: &Roll, space: Space) -> Self {
        let rooms = rooms(roll, space);
        let guessed: f64 = rooms
            .iter()
            .map(|room| {
                if let Room::Guessed { height, .. } = room {
                    *height
                } else {
                    0.0
                }
            })
            .sum();
        let scale = (MOST_HEIGHT / guessed.max(1.0)).min(1.0);
        let mut plan = Self {
            tops: vec![0.0; roll.days().len()],
            ..Self::default()
        };
        // Of the rooms of a day the first says where it begins.
        let mut begun = vec![false; roll.days().len()];
        for room in rooms {
            let top = plan.height;
            let (height, days) = match room {
                Room::Guessed { height, days } => (height * scale, days),
                Room::Line(photos, days) => {
                    let line = Line::new(photos, space, top);
                    let height = line.height;
                    if let Some(first) = line.photos.first() {
                        plan.by_first.insert(first.entry.id.clone(), plan.lines.len());
                    }
                    plan.lines.push(line);
                    (height, days)
                }
            };
            for day in days {
                if !std::mem::replace(&mut begun[day], true) {
                    plan.tops[day] = top;
                }
            }
            plan.height += height + GAP;
        }
        plan
    }

    /// The line with these photos.
    pub fn line(&self, key: &LineKey) -> Option<&Line> {
        let line = self.lines.get(*self.by_first.get(&key.0)?)?;
        (line.key().as_ref() == Some(key)).then_some(line)
    }

    /// The line that a photo is in.
    pub fn line_of(&self, id: &PhotoId) -> Option<&Line> {
        self.lines
            .iter()
            .find(|line| line.photos.iter().any(|placed| placed.entry.id == *id))
    }

    /// The lines between two heights.
    pub fn lines_between(&self, top: f64, bottom: f64) -> &[Line] {
        let from = self.lines.partition_point(|line| line.top + line.height < top);
        let upto = self.lines.partition_point(|line| line.top <= bottom);
        &self.lines[from..upto.max(from)]
    }

    /// The days between two heights, by their numbers in the roll.
    pub fn days_between(&self, top: f64, bottom: f64) -> Range<usize> {
        let from = self.tops.partition_point(|day| *day <= top).saturating_sub(1);
        let upto = self.tops.partition_point(|day| *day <= bottom);
        from..upto.max(from)
    }
}

fn rooms(roll: &Roll, space: Space) -> Vec<Room> {
    let capacity = space.capacity();
    let mut rooms = vec![];
    let mut shared: Vec<usize> = vec![];
    let mut of_shared = 0;
    for (at, held) in roll.days().iter().enumerate() {
        if held.count > capacity || of_shared + held.count > capacity {
            rooms.extend(share(roll, space, std::mem::take(&mut shared)));
            of_shared = 0;
        }
        if held.count > capacity {
            alone(held, at, space, &mut rooms);
        } else {
            shared.push(at);
            of_shared += held.count;
        }
    }
    rooms.extend(share(roll, space, shared));
    rooms
}

/// A line of days that have few photos.
fn share(roll: &Roll, space: Space, days: Vec<usize>) -> Option<Room> {
    if days.is_empty() {
        return None;
    }
    if days.iter().all(|at| !roll.days()[*at].photos.is_empty()) {
        let photos = days.iter().flat_map(|at| placed(&roll.days()[*at])).collect();
        return Some(Room::Line(photos, days));
    }
    Some(Room::Guessed {
        height: space.height() + space.label(),
        days,
    })
}

/// The lines of a day that has many.
fn alone(held: &Held, at: usize, space: Space, rooms: &mut Vec<Room>) {
    let stretch = space.division.stretch();
    let (mut line, mut sum): (Vec<Placed>, f64) = (vec![], 0.0);
    for placed in placed(held) {
        let aspect = placed.aspect.value();
        let with = sum + aspect;
        // Whichever comes nearer to a full line.
        let closes_before = with > stretch && !line.is_empty() && with / stretch > stretch / sum;
        if closes_before {
            rooms.push(Room::Line(std::mem::take(&mut line), vec![at]));
            sum = 0.0;
        }
        sum += aspect;
        line.push(placed);
        if sum >= stretch {
            rooms.push(Room::Line(std::mem::take(&mut line), vec![at]));
            sum = 0.0;
        }
    }
    if !line.is_empty() {
        rooms.push(Room::Line(line, vec![at]));
    }
    let missing = held.count.saturating_sub(held.photos.len());
    if missing > 0 {
        let lines = (missing as f64 * USUAL_ASPECT / stretch).ceil();
        rooms.push(Room::Guessed {
            height: lines * (space.height() + GAP) + if held.photos.is_empty() { space.label() } else { 0.0 },
            days: vec![at],
        });
    }
}

fn placed(held: &Held) -> impl Iterator<Item = Placed> + '_ {
    held.photos.iter().enumerate().map(|(number, entry)| Placed {
        entry: entry.clone(),
        aspect: Aspect::of_photo(entry.aspect()),
        begins: (number == 0).then_some(held.day),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photos::samples::photo;
    use leptos::prelude::Owner;
    use model::photos::Size;
    use model::timeline::{DayCount, Start};

    const DAY: i64 = 86_400_000;
    const SPACE: Space = Space {
        width: 1200.0,
        text: 16.0,
        division: Division(2),
    };

    fn on(name: u32, day: i64, width: u32) -> Entry {
        let mut photo = photo(name, day * DAY + i64::from(name) * 1000);
        photo.size = Some(Size { width, height: 100 });
        Entry::new(photo, 0)
    }

    fn roll(mut photos: Vec<Entry>, older: bool) -> Roll {
        photos.sort_by_key(Entry::place);
        let mut roll = Roll::default();
        roll.load(&Start::Newest, photos, older);
        roll
    }

    fn lines(plan: &Plan) -> Vec<(usize, f64, f64)> {
        plan.lines
            .iter()
            .map(|line| (line.photos.len(), line.top.round(), line.height.round()))
            .collect()
    }

    #[test]
    fn a_day_with_many_photos_fills_lines_from_edge_to_edge() {
        let owner = Owner::new();
        owner.set();
        let plan = Plan::new(&roll((0..7).map(|name| on(name, 1, 150)).collect(), false), SPACE);
        // Four of 1.5 fill the 5.8 that a line has: 1191 pixels for 6 heights. What is left is no line to be stretched.
        assert_eq!(lines(&plan), [(4, 0.0, 238.0), (3, 241.0, 205.0)]);
        assert_eq!((plan.lines[0].labelled, plan.lines[1].labelled), (true, false));
        assert_eq!((plan.lines[0].rest, plan.lines[1].rest.is_some()), (None, true));
        assert_eq!(plan.height.round(), 449.0);
    }

    #[test]
    fn days_with_few_photos_share_a_line_by_their_counts() {
        let owner = Owner::new();
        owner.set();
        let photos = vec![on(9, 9, 150), on(8, 8, 150), on(7, 7, 150), on(6, 7, 150), on(5, 5, 150)];
        let plan = Plan::new(&roll(photos, false), SPACE);
        assert_eq!(plan.lines.iter().map(|line| line.photos.len()).collect::<Vec<_>>(), [4, 1]);
        let begins = |line: &Line| {
            line.photos
                .iter()
                .map(|placed| placed.begins.map(|day| day.0))
                .collect::<Vec<_>>()
        };
        assert_eq!(begins(&plan.lines[0]), [Some(9), Some(8), Some(7), None]);
        assert_eq!((plan.tops[0], plan.tops[2], plan.tops[3]), (0.0, 0.0, plan.lines[1].top));
    }

    #[test]
    fn what_is_not_held_has_its_room_and_a_limit() {
        let owner = Owner::new();
        owner.set();
        let mut roll = roll(vec![on(9, 900_000, 150), on(8, 900_000, 150)], true);
        roll.count(&[
            DayCount(Day(900_000), 2),
            DayCount(Day(800_000), 30),
            DayCount(Day(7), 1_000_000),
        ]);
        let plan = Plan::new(&roll, SPACE);
        assert_eq!(plan.lines.len(), 1);
        assert!(plan.height > MOST_HEIGHT && plan.height < MOST_HEIGHT + 1000.0);
        assert!(plan.tops[2] < 3_000.0);
        assert_eq!(plan.days_between(0.0, 5_000.0), 0..3);
        assert_eq!(plan.days_between(9_000.0, 10_000.0), 2..3);
    }

    #[test]
    fn lines_are_found_by_height_and_by_photo() {
        let owner = Owner::new();
        owner.set();
        let plan = Plan::new(
            &roll((0..400).map(|name| on(name, i64::from(name / 10), 150)).collect(), false),
            SPACE,
        );
        let seen = plan.lines_between(1000.0, 1500.0);
        assert!((2..6).contains(&seen.len()));
        assert!(seen[0].top + seen[0].height >= 1000.0 && seen[seen.len() - 1].top <= 1500.0);
        let key = seen[1].key().unwrap();
        assert_eq!(plan.line(&key).map(|line| line.top), Some(seen[1].top));
        assert_eq!(
            plan.line_of(&seen[1].photos[0].entry.id).map(|line| line.top),
            Some(seen[1].top)
        );
        assert!(plan.line(&(key.0, key.1 ^ 1)).is_none());
    }
}
