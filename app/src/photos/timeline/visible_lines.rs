//! Which lines are rendered: those in the viewport and near it, a few more in each task.

use super::layout::{Layout, Line, LineKey};
use super::viewport::Viewport;
use std::collections::HashSet;

/// Overscan above and below the viewport, in viewport heights.
const MARGIN: f64 = 1.25;

/// About this many photos are added in one task: on a slow phone a photo takes some 6 ms to render.
const PHOTOS_PER_TASK: usize = 8;

/// The lines to render.
#[derive(Debug, Clone, PartialEq)]
pub struct VisibleLines {
    /// From the top.
    pub lines: Vec<LineKey>,
    /// Whether more follow in the next task.
    pub more: bool,
}

impl VisibleLines {
    /// All lines, while the viewport is unknown.
    pub fn all(layout: &Layout) -> Self {
        Self {
            lines: layout.lines.iter().filter_map(Line::key).collect(),
            more: false,
        }
    }

    /// The lines that are still near, and some more, nearest first. The lines in the viewport are added at once if they replace
    /// others, or if there were none.
    pub fn next(layout: &Layout, viewport: Viewport, before: Option<&Self>) -> Self {
        let margin = viewport.height * MARGIN;
        let near = layout.lines_between(viewport.top - margin, viewport.bottom() + margin);
        let near: Vec<Near> = near.iter().filter_map(|line| Near::new(line, viewport)).collect();
        let rendered: HashSet<&LineKey> = before.into_iter().flat_map(|visible| &visible.lines).collect();
        let added: HashSet<usize> = if rendered.iter().all(|key| layout.line(key).is_some()) && before.is_some() {
            lines_to_add(&near, &rendered)
        } else {
            (0..near.len()).filter(|at| near[*at].distance <= 0.0).collect()
        };
        let lines = near.iter().enumerate();
        let lines = lines.filter(|(at, line)| added.contains(at) || rendered.contains(&line.key));
        let lines: Vec<LineKey> = lines.map(|(_, line)| line.key.clone()).collect();
        Self {
            more: lines.len() < near.len(),
            lines,
        }
    }
}

/// A line in the viewport or near it.
struct Near {
    key: LineKey,
    photos: usize,
    /// Distance from the viewport, in pixels; 0 within it.
    distance: f64,
}

impl Near {
    fn new(line: &Line, viewport: Viewport) -> Option<Self> {
        let above = viewport.top - line.top - line.height;
        let below = line.top - viewport.bottom();
        Some(Self {
            key: line.key()?,
            photos: line.photos.len(),
            distance: above.max(below).max(0.0),
        })
    }
}

/// The missing lines to add in this task, by index.
fn lines_to_add(near: &[Near], rendered: &HashSet<&LineKey>) -> HashSet<usize> {
    let mut missing: Vec<usize> = (0..near.len()).filter(|at| !rendered.contains(&near[*at].key)).collect();
    missing.sort_by(|one, other| near[*one].distance.total_cmp(&near[*other].distance));
    let mut photos = 0;
    let fits = |at: &usize| {
        let fits = photos < PHOTOS_PER_TASK;
        photos += near[*at].photos;
        fits
    };
    missing.into_iter().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photos::entry::Entry;
    use crate::photos::library::day_index::DayIndex;
    use crate::photos::samples::photo;
    use crate::photos::timeline::layout::{Breakpoint, Space};
    use leptos::prelude::Owner;
    use model::timeline::Start;

    const HEIGHT: f64 = 800.0;

    /// Four hundred photos in a window of this width.
    fn layout(width: f64) -> Layout {
        let mut photos: Vec<_> = (0..400)
            .map(|name| Entry::new(photo(name, i64::from(name) * 10_000_000), 0))
            .collect();
        photos.sort_by_key(Entry::sort_key);
        let mut day_index = DayIndex::default();
        day_index.load(&Start::Newest, photos, false);
        let breakpoint = Breakpoint::of(width);
        let text = 16.0;
        Layout::new(&day_index, Space { width, text, breakpoint })
    }

    fn at(top: f64) -> Viewport {
        Viewport { top, height: HEIGHT }
    }

    fn keys(lines: &[Line]) -> Vec<LineKey> {
        lines.iter().filter_map(Line::key).collect()
    }

    fn photos(layout: &Layout, lines: &[LineKey]) -> usize {
        lines
            .iter()
            .filter_map(|key| layout.line(key))
            .map(|line| line.photos.len())
            .sum()
    }

    /// Adds lines task by task until all are rendered.
    fn complete(layout: &Layout, top: f64, mut visible: VisibleLines) -> VisibleLines {
        while visible.more {
            let next = VisibleLines::next(layout, at(top), Some(&visible));
            let added: Vec<LineKey> = next
                .lines
                .iter()
                .filter(|key| !visible.lines.contains(key))
                .cloned()
                .collect();
            assert!((1..2 * PHOTOS_PER_TASK).contains(&photos(layout, &added)));
            visible = next;
        }
        visible
    }

    #[test]
    fn the_viewport_is_rendered_at_once_and_the_overscan_from_near_to_far() {
        let owner = Owner::new();
        owner.set();
        let layout = layout(1280.0);
        let top = 5_000.0;
        let first = VisibleLines::next(&layout, at(top), None);
        assert_eq!(
            (&first.lines, first.more),
            (&keys(layout.lines_between(top, top + HEIGHT)), true)
        );
        let all = keys(layout.lines_between(top - MARGIN * HEIGHT, top + HEIGHT + MARGIN * HEIGHT));
        let second = VisibleLines::next(&layout, at(top), Some(&first));
        assert!(
            all.windows(second.lines.len()).any(|some| some == second.lines),
            "without a gap"
        );
        assert_eq!(complete(&layout, top, second).lines, all);
    }

    #[test]
    fn after_a_jump_the_viewport_is_rendered_first() {
        let owner = Owner::new();
        owner.set();
        let layout = layout(1280.0);
        let current = complete(&layout, 1_000.0, VisibleLines::next(&layout, at(1_000.0), None));
        let in_viewport = keys(layout.lines_between(9_000.0, 9_000.0 + HEIGHT));
        let mut visible = VisibleLines::next(&layout, at(9_000.0), Some(&current));
        assert!(visible.lines.len() < in_viewport.len() && visible.lines.iter().all(|key| in_viewport.contains(key)));
        while visible.lines.len() < in_viewport.len() {
            visible = VisibleLines::next(&layout, at(9_000.0), Some(&visible));
        }
        assert!(in_viewport.iter().all(|key| visible.lines.contains(key)));
    }

    #[test]
    fn lines_that_replace_others_are_rendered_at_once() {
        let owner = Owner::new();
        owner.set();
        let (narrow, other) = (layout(1280.0), layout(1900.0));
        let current = complete(&narrow, 5_000.0, VisibleLines::next(&narrow, at(5_000.0), None));
        let in_viewport = keys(other.lines_between(5_000.0, 5_000.0 + HEIGHT));
        let next = VisibleLines::next(&other, at(5_000.0), Some(&current));
        assert!(in_viewport.iter().all(|key| next.lines.contains(key)) && next.more);
        let all = keys(other.lines_between(5_000.0 - MARGIN * HEIGHT, 5_000.0 + HEIGHT + MARGIN * HEIGHT));
        assert_eq!(complete(&other, 5_000.0, next).lines, all);
    }

    #[test]
    fn lines_stay_while_they_are_near_the_viewport() {
        let owner = Owner::new();
        owner.set();
        let layout = layout(1280.0);
        let current = complete(&layout, 5_000.0, VisibleLines::next(&layout, at(5_000.0), None));
        let moved = VisibleLines::next(&layout, at(5_000.0 + HEIGHT), Some(&current));
        let kept = current.lines.iter().filter(|key| moved.lines.contains(key)).count();
        assert!(kept > current.lines.len() / 2 && kept < current.lines.len());
        let far = VisibleLines::next(&layout, at(12_000.0), Some(&moved));
        assert!(far.lines.iter().all(|key| !current.lines.contains(key)));
    }

    #[test]
    fn all_lines_are_rendered_until_the_viewport_is_known() {
        let owner = Owner::new();
        owner.set();
        let layout = layout(1280.0);
        let all = VisibleLines::all(&layout);
        assert_eq!((all.lines.len(), all.more), (layout.lines.len(), false));
        let measured = VisibleLines::next(&layout, at(0.0), Some(&all));
        assert!(!measured.more, "lines from the server are not rendered again");
        assert_eq!(measured.lines, keys(layout.lines_between(0.0, HEIGHT + MARGIN * HEIGHT)));
        assert_eq!(VisibleLines::all(&Layout::default()).lines, []);
    }
}
