//! The layout of the timeline: justified lines of photos, grouped by day.
//!
//! Days with few photos share a line. Which ones depends on their counts alone, so that a line stays the same while the
//! photos around it are loaded.

use super::aspect::Aspect;
use crate::photos::entry::Entry;
use crate::photos::library::day_index::{DayIndex, HeldDay};
use model::ids::PhotoId;
use model::time::Day;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// The gap between photos, in pixels. Also in `style/timeline.css`.
pub const GAP: f64 = 3.0;

/// The height of a day's label. Also in `style/timeline.css`.
pub const LABEL_REM: f64 = 2.5;

/// The text size in pixels where it is unknown, as on the server.
pub const DEFAULT_TEXT_SIZE: f64 = 16.0;

/// Width by height of a photo whose size is unknown.
const DEFAULT_ASPECT: f64 = 1.4;

/// A last line that is filled up to this is stretched to the edge.
const MIN_FULL: f64 = 0.85;

/// Browsers limit the height of an element: Chromium to 33,554,428 pixels, Firefox to 17,895,697. The estimated heights of
/// what is not loaded are scaled down to this in total.
const MAX_ESTIMATED_HEIGHT: f64 = 12_000_000.0;

/// Window widths: the upper bound in pixels, and the width by height of a full line. Also in `style/timeline.css`.
const BREAKPOINTS: [(f64, f64); 5] = [
    (600.0, 2.8),
    (1000.0, 4.2),
    (1600.0, 5.8),
    (2200.0, 7.4),
    (f64::INFINITY, 9.6),
];

/// A range of window widths with the same layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakpoint(usize);

impl Breakpoint {
    /// For the width of a window, in pixels.
    pub fn of(window: f64) -> Self {
        let wider = BREAKPOINTS.iter().take_while(|(edge, _)| window >= *edge).count();
        Self(wider.min(BREAKPOINTS.len() - 1))
    }

    /// Whether a layout for this breakpoint is still usable at the other.
    pub fn is_adjacent(self, other: Self) -> bool {
        self.0.abs_diff(other.0) <= 1
    }

    /// CSS class.
    pub fn class(self) -> String {
        format!("divided-{}", self.0)
    }

    /// Width by height of a full line.
    fn line_aspect(self) -> f64 {
        BREAKPOINTS.get(self.0).map_or(1.0, |(_, line_aspect)| *line_aspect)
    }
}

/// What the layout depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Space {
    /// Width of the list, in pixels.
    pub width: f64,
    pub text: f64,
    pub breakpoint: Breakpoint,
}

impl Space {
    /// The typical height of a line without label.
    fn line_height(self) -> f64 {
        self.width / self.breakpoint.line_aspect()
    }

    fn label_height(self) -> f64 {
        LABEL_REM * self.text
    }

    /// How many photos the days of a shared line may have together.
    fn capacity(self) -> usize {
        ((self.breakpoint.line_aspect() / DEFAULT_ASPECT) as usize).max(1)
    }
}

/// A photo in a line.
#[derive(Debug, Clone)]
pub struct Placed {
    pub entry: Entry,
    /// Width by height, rounded.
    pub aspect: Aspect,
    /// The day whose label stands above the photo.
    pub begins: Option<Day>,
}

/// A line of photos.
#[derive(Debug, Clone)]
pub struct Line {
    /// From left to right.
    pub photos: Vec<Placed>,
    /// Whether a photo has a day's label.
    pub labelled: bool,
    /// The empty space after the last photo of a line that is not full.
    pub rest: Option<Aspect>,
    /// Offset from the top of the list, in pixels.
    pub top: f64,
    /// With its label, in pixels.
    pub height: f64,
}

/// Identifies a line: its first photo, and a hash of its photos, their shapes and their labels.
pub type LineKey = (PhotoId, u64);

impl Line {
    /// None for an empty line.
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
        let line_aspect = space.breakpoint.line_aspect();
        let rest = (sum < line_aspect * MIN_FULL).then(|| Aspect::nearest(line_aspect - sum));
        let labelled = photos.iter().any(|placed| placed.begins.is_some());
        let gaps = GAP * (photos.len().saturating_sub(1) + usize::from(rest.is_some())) as f64;
        let all = sum + rest.map_or(0.0, Aspect::value);
        let height = (space.width - gaps).max(1.0) / all + if labelled { space.label_height() } else { 0.0 };
        Self {
            photos,
            labelled,
            rest,
            top,
            height,
        }
    }
}

/// The lines of the timeline.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Lines of loaded photos, from the top.
    pub lines: Vec<Line>,
    /// The offset of each day of the index from the top, in pixels.
    pub tops: Vec<f64>,
    /// Of the list, in pixels.
    pub height: f64,
    /// Index of each line by its first photo.
    by_first: HashMap<PhotoId, usize>,
}

/// A part of the list: a line, or the estimated height of photos that are not loaded. Each with its days' indices.
enum Slot {
    Line(Vec<Placed>, Vec<usize>),
    Estimated { height: f64, days: Vec<usize> },
}

impl Layout {
    /// Lays out the photos that are held, and estimates the height of the others.
    pub fn new(day_index: &DayIndex, space: Space) -> Self {
        let slots = slots(day_index, space);
        let estimated: f64 = slots
            .iter()
            .map(|slot| {
                if let Slot::Estimated { height, .. } = slot {
                    *height
                } else {
                    0.0
                }
            })
            .sum();
        let scale = (MAX_ESTIMATED_HEIGHT / estimated.max(1.0)).min(1.0);
        let mut layout = Self {
            tops: vec![0.0; day_index.days().len()],
            ..Self::default()
        };
        // A day begins at its first slot.
        let mut begun = vec![false; day_index.days().len()];
        for slot in slots {
            let top = layout.height;
            let (height, days) = match slot {
                Slot::Estimated { height, days } => (height * scale, days),
                Slot::Line(photos, days) => {
                    let line = Line::new(photos, space, top);
                    let height = line.height;
                    if let Some(first) = line.photos.first() {
                        layout.by_first.insert(first.entry.id.clone(), layout.lines.len());
                    }
                    layout.lines.push(line);
                    (height, days)
                }
            };
            for day in days {
                if !std::mem::replace(&mut begun[day], true) {
                    layout.tops[day] = top;
                }
            }
            layout.height += height + GAP;
        }
        layout
    }

    /// The line with this key.
    pub fn line(&self, key: &LineKey) -> Option<&Line> {
        let line = self.lines.get(*self.by_first.get(&key.0)?)?;
        (line.key().as_ref() == Some(key)).then_some(line)
    }

    /// The line that contains a photo.
    pub fn line_of(&self, id: &PhotoId) -> Option<&Line> {
        self.lines
            .iter()
            .find(|line| line.photos.iter().any(|placed| placed.entry.id == *id))
    }

    /// The lines between two offsets.
    pub fn lines_between(&self, top: f64, bottom: f64) -> &[Line] {
        let from = self.lines.partition_point(|line| line.top + line.height < top);
        let upto = self.lines.partition_point(|line| line.top <= bottom);
        &self.lines[from..upto.max(from)]
    }

    /// The days between two offsets, by their indices.
    pub fn days_between(&self, top: f64, bottom: f64) -> Range<usize> {
        let from = self.tops.partition_point(|day| *day <= top).saturating_sub(1);
        let upto = self.tops.partition_point(|day| *day <= bottom);
        from..upto.max(from)
    }
}

fn slots(day_index: &DayIndex, space: Space) -> Vec<Slot> {
    let capacity = space.capacity();
    let mut slots = vec![];
    let mut sharing: Vec<usize> = vec![];
    let mut sharing_count = 0;
    for (at, held) in day_index.days().iter().enumerate() {
        if held.count > capacity || sharing_count + held.count > capacity {
            slots.extend(shared_line(day_index, space, std::mem::take(&mut sharing)));
            sharing_count = 0;
        }
        if held.count > capacity {
            lines_of_day(held, at, space, &mut slots);
        } else {
            sharing.push(at);
            sharing_count += held.count;
        }
    }
    slots.extend(shared_line(day_index, space, sharing));
    slots
}

/// The line that days with few photos share.
fn shared_line(day_index: &DayIndex, space: Space, days: Vec<usize>) -> Option<Slot> {
    if days.is_empty() {
        return None;
    }
    if days.iter().all(|at| !day_index.days()[*at].photos.is_empty()) {
        let photos = days.iter().flat_map(|at| placed(&day_index.days()[*at])).collect();
        return Some(Slot::Line(photos, days));
    }
    Some(Slot::Estimated {
        height: space.line_height() + space.label_height(),
        days,
    })
}

/// The lines of a day with many photos.
fn lines_of_day(held: &HeldDay, at: usize, space: Space, slots: &mut Vec<Slot>) {
    let line_aspect = space.breakpoint.line_aspect();
    let (mut line, mut sum): (Vec<Placed>, f64) = (vec![], 0.0);
    for placed in placed(held) {
        let aspect = placed.aspect.value();
        let with = sum + aspect;
        // Break before or after this photo, whichever is closer to a full line.
        let closes_before = with > line_aspect && !line.is_empty() && with / line_aspect > line_aspect / sum;
        if closes_before {
            slots.push(Slot::Line(std::mem::take(&mut line), vec![at]));
            sum = 0.0;
        }
        sum += aspect;
        line.push(placed);
        if sum >= line_aspect {
            slots.push(Slot::Line(std::mem::take(&mut line), vec![at]));
            sum = 0.0;
        }
    }
    if !line.is_empty() {
        slots.push(Slot::Line(line, vec![at]));
    }
    let missing = held.count.saturating_sub(held.photos.len());
    if missing > 0 {
        let lines = (missing as f64 * DEFAULT_ASPECT / line_aspect).ceil();
        slots.push(Slot::Estimated {
            height: lines * (space.line_height() + GAP) + if held.photos.is_empty() { space.label_height() } else { 0.0 },
            days: vec![at],
        });
    }
}

fn placed(held: &HeldDay) -> impl Iterator<Item = Placed> + '_ {
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
        breakpoint: Breakpoint(2),
    };

    fn on(name: u32, day: i64, width: u32) -> Entry {
        let mut photo = photo(name, day * DAY + i64::from(name) * 1000);
        photo.size = Some(Size { width, height: 100 });
        Entry::new(photo, 0)
    }

    fn day_index(mut photos: Vec<Entry>, older: bool) -> DayIndex {
        photos.sort_by_key(Entry::sort_key);
        let mut day_index = DayIndex::default();
        day_index.load(&Start::Newest, photos, older);
        day_index
    }

    fn lines(layout: &Layout) -> Vec<(usize, f64, f64)> {
        layout
            .lines
            .iter()
            .map(|line| (line.photos.len(), line.top.round(), line.height.round()))
            .collect()
    }

    #[test]
    fn a_day_with_many_photos_fills_lines_from_edge_to_edge() {
        let owner = Owner::new();
        owner.set();
        let layout = Layout::new(&day_index((0..7).map(|name| on(name, 1, 150)).collect(), false), SPACE);
        // Four photos of 1.5 fill a line of 5.8: 1191 pixels for 6 heights. The other three are too few to be stretched.
        assert_eq!(lines(&layout), [(4, 0.0, 238.0), (3, 241.0, 205.0)]);
        assert_eq!((layout.lines[0].labelled, layout.lines[1].labelled), (true, false));
        assert_eq!((layout.lines[0].rest, layout.lines[1].rest.is_some()), (None, true));
        assert_eq!(layout.height.round(), 449.0);
    }

    #[test]
    fn days_with_few_photos_share_a_line_by_their_counts() {
        let owner = Owner::new();
        owner.set();
        let photos = vec![on(9, 9, 150), on(8, 8, 150), on(7, 7, 150), on(6, 7, 150), on(5, 5, 150)];
        let layout = Layout::new(&day_index(photos, false), SPACE);
        assert_eq!(layout.lines.iter().map(|line| line.photos.len()).collect::<Vec<_>>(), [4, 1]);
        let begins = |line: &Line| {
            line.photos
                .iter()
                .map(|placed| placed.begins.map(|day| day.0))
                .collect::<Vec<_>>()
        };
        assert_eq!(begins(&layout.lines[0]), [Some(9), Some(8), Some(7), None]);
        assert_eq!(
            (layout.tops[0], layout.tops[2], layout.tops[3]),
            (0.0, 0.0, layout.lines[1].top)
        );
    }

    #[test]
    fn the_height_of_what_is_not_held_is_estimated_up_to_a_limit() {
        let owner = Owner::new();
        owner.set();
        let mut day_index = day_index(vec![on(9, 900_000, 150), on(8, 900_000, 150)], true);
        day_index.count(&[
            DayCount(Day(900_000), 2),
            DayCount(Day(800_000), 30),
            DayCount(Day(7), 1_000_000),
        ]);
        let layout = Layout::new(&day_index, SPACE);
        assert_eq!(layout.lines.len(), 1);
        assert!(layout.height > MAX_ESTIMATED_HEIGHT && layout.height < MAX_ESTIMATED_HEIGHT + 1000.0);
        assert!(layout.tops[2] < 3_000.0);
        assert_eq!(layout.days_between(0.0, 5_000.0), 0..3);
        assert_eq!(layout.days_between(9_000.0, 10_000.0), 2..3);
    }

    #[test]
    fn lines_are_found_by_offset_and_by_photo() {
        let owner = Owner::new();
        owner.set();
        let layout = Layout::new(
            &day_index((0..400).map(|name| on(name, i64::from(name / 10), 150)).collect(), false),
            SPACE,
        );
        let seen = layout.lines_between(1000.0, 1500.0);
        assert!((2..6).contains(&seen.len()));
        assert!(seen[0].top + seen[0].height >= 1000.0 && seen[seen.len() - 1].top <= 1500.0);
        let key = seen[1].key().unwrap();
        assert_eq!(layout.line(&key).map(|line| line.top), Some(seen[1].top));
        assert_eq!(
            layout.line_of(&seen[1].photos[0].entry.id).map(|line| line.top),
            Some(seen[1].top)
        );
        assert!(layout.line(&(key.0, key.1 ^ 1)).is_none());
    }
}
