//! Which lines are there: those in the window and around it, a few more in each turn.

use super::plan::{Line, LineKey, Plan};
use super::sight::Sight;
use std::collections::HashSet;

/// Lines are there this far above and below the window, in heights of it.
const MARGIN: f64 = 1.25;

/// Lines come in one turn of the event loop until these are as many photos: on a slow phone one takes some 6 ms to make.
const IN_A_TURN: usize = 8;

/// Lines that are there.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// From the top.
    pub lines: Vec<LineKey>,
    /// Whether more are to come in the next turn.
    pub more: bool,
}

impl Shown {
    /// All lines, as long as nobody knows where the window stands.
    pub fn all(plan: &Plan) -> Self {
        Self {
            lines: plan.lines.iter().filter_map(Line::key).collect(),
            more: false,
        }
    }

    /// The lines that are still near, and some more, the nearest first. What is in sight comes at once where it takes the place of other
    /// lines, or where there were none before.
    pub fn next(plan: &Plan, sight: Sight, before: Option<&Self>) -> Self {
        let margin = sight.height * MARGIN;
        let near = plan.lines_between(sight.top - margin, sight.bottom() + margin);
        let near: Vec<Near> = near.iter().filter_map(|line| Near::new(line, sight)).collect();
        let there: HashSet<&LineKey> = before.into_iter().flat_map(|shown| &shown.lines).collect();
        let come: HashSet<usize> = if there.iter().all(|key| plan.line(key).is_some()) && before.is_some() {
            coming(&near, &there)
        } else {
            (0..near.len()).filter(|at| near[*at].away <= 0.0).collect()
        };
        let lines = near.iter().enumerate();
        let lines = lines.filter(|(at, line)| come.contains(at) || there.contains(&line.key));
        let lines: Vec<LineKey> = lines.map(|(_, line)| line.key.clone()).collect();
        Self {
            more: lines.len() < near.len(),
            lines,
        }
    }
}

/// A line in the window or near it.
struct Near {
    key: LineKey,
    photos: usize,
    /// How far it is from the window, in pixels; 0 within it.
    away: f64,
}

impl Near {
    fn new(line: &Line, sight: Sight) -> Option<Self> {
        let above = sight.top - line.top - line.height;
        let below = line.top - sight.bottom();
        Some(Self {
            key: line.key()?,
            photos: line.photos.len(),
            away: above.max(below).max(0.0),
        })
    }
}

/// Which of the lines that are not there come in this turn.
fn coming(near: &[Near], there: &HashSet<&LineKey>) -> HashSet<usize> {
    let mut missing: Vec<usize> = (0..near.len()).filter(|at| !there.contains(&near[*at].key)).collect();
    missing.sort_by(|one, other| near[*one].away.total_cmp(&near[*other].away));
    let mut photos = 0;
    let fits = |at: &usize| {
        let fits = photos < IN_A_TURN;
        photos += near[*at].photos;
        fits
    };
    missing.into_iter().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photos::entry::Entry;
    use crate::photos::samples::photo;
    use crate::photos::table::plan::{Division, Space};
    use crate::photos::table::roll::Roll;
    use leptos::prelude::Owner;
    use model::timeline::Start;

    const HEIGHT: f64 = 800.0;

    /// Four hundred photos in a window of this width.
    fn plan(width: f64) -> Plan {
        let mut photos: Vec<_> = (0..400)
            .map(|name| Entry::new(photo(name, i64::from(name) * 10_000_000), 0))
            .collect();
        photos.sort_by_key(Entry::place);
        let mut roll = Roll::default();
        roll.load(&Start::Newest, photos, false);
        let division = Division::of(width);
        let text = 16.0;
        Plan::new(&roll, Space { width, text, division })
    }

    fn at(top: f64) -> Sight {
        Sight { top, height: HEIGHT }
    }

    fn keys(lines: &[Line]) -> Vec<LineKey> {
        lines.iter().filter_map(Line::key).collect()
    }

    fn photos(plan: &Plan, lines: &[LineKey]) -> usize {
        lines
            .iter()
            .filter_map(|key| plan.line(key))
            .map(|line| line.photos.len())
            .sum()
    }

    /// Turn by turn, until nothing more is to come.
    fn whole(plan: &Plan, top: f64, mut shown: Shown) -> Shown {
        while shown.more {
            let next = Shown::next(plan, at(top), Some(&shown));
            let come: Vec<LineKey> = next.lines.iter().filter(|key| !shown.lines.contains(key)).cloned().collect();
            assert!((1..2 * IN_A_TURN).contains(&photos(plan, &come)));
            shown = next;
        }
        shown
    }

    #[test]
    fn what_is_in_sight_is_there_at_once_and_the_rest_follows_from_near_to_far() {
        let owner = Owner::new();
        owner.set();
        let plan = plan(1280.0);
        let top = 5_000.0;
        let first = Shown::next(&plan, at(top), None);
        assert_eq!(
            (&first.lines, first.more),
            (&keys(plan.lines_between(top, top + HEIGHT)), true)
        );
        let all = keys(plan.lines_between(top - MARGIN * HEIGHT, top + HEIGHT + MARGIN * HEIGHT));
        let second = Shown::next(&plan, at(top), Some(&first));
        assert!(
            all.windows(second.lines.len()).any(|some| some == second.lines),
            "without a gap"
        );
        assert_eq!(whole(&plan, top, second).lines, all);
    }

    #[test]
    fn after_a_jump_what_is_in_sight_comes_first() {
        let owner = Owner::new();
        owner.set();
        let plan = plan(1280.0);
        let here = whole(&plan, 1_000.0, Shown::next(&plan, at(1_000.0), None));
        let seen = keys(plan.lines_between(9_000.0, 9_000.0 + HEIGHT));
        let mut shown = Shown::next(&plan, at(9_000.0), Some(&here));
        assert!(shown.lines.len() < seen.len() && shown.lines.iter().all(|key| seen.contains(key)));
        while shown.lines.len() < seen.len() {
            shown = Shown::next(&plan, at(9_000.0), Some(&shown));
        }
        assert!(seen.iter().all(|key| shown.lines.contains(key)));
    }

    #[test]
    fn what_takes_the_place_of_other_lines_is_there_at_once() {
        let owner = Owner::new();
        owner.set();
        let (narrow, other) = (plan(1280.0), plan(1900.0));
        let here = whole(&narrow, 5_000.0, Shown::next(&narrow, at(5_000.0), None));
        let seen = keys(other.lines_between(5_000.0, 5_000.0 + HEIGHT));
        let next = Shown::next(&other, at(5_000.0), Some(&here));
        assert!(seen.iter().all(|key| next.lines.contains(key)) && next.more);
        let all = keys(other.lines_between(5_000.0 - MARGIN * HEIGHT, 5_000.0 + HEIGHT + MARGIN * HEIGHT));
        assert_eq!(whole(&other, 5_000.0, next).lines, all);
    }

    #[test]
    fn what_is_there_stays_while_it_is_near_and_goes_when_it_is_not() {
        let owner = Owner::new();
        owner.set();
        let plan = plan(1280.0);
        let here = whole(&plan, 5_000.0, Shown::next(&plan, at(5_000.0), None));
        let moved = Shown::next(&plan, at(5_000.0 + HEIGHT), Some(&here));
        let kept = here.lines.iter().filter(|key| moved.lines.contains(key)).count();
        assert!(kept > here.lines.len() / 2 && kept < here.lines.len());
        let far = Shown::next(&plan, at(12_000.0), Some(&moved));
        assert!(far.lines.iter().all(|key| !here.lines.contains(key)));
    }

    #[test]
    fn all_are_there_until_somebody_knows_where_the_window_stands() {
        let owner = Owner::new();
        owner.set();
        let plan = plan(1280.0);
        let all = Shown::all(&plan);
        assert_eq!((all.lines.len(), all.more), (plan.lines.len(), false));
        let woken = Shown::next(&plan, at(0.0), Some(&all));
        assert!(!woken.more, "what the server made is not made again");
        assert_eq!(woken.lines, keys(plan.lines_between(0.0, HEIGHT + MARGIN * HEIGHT)));
        assert_eq!(Shown::all(&Plan::default()).lines, []);
    }
}
