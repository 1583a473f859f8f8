//! The scroll position of the timeline while another page is shown.

use super::layout::Space;
use super::viewport::Anchor;
use leptos::prelude::*;
use model::ids::PhotoId;
use model::timeline::Start;

/// The scroll position of a list that was left.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedScroll {
    pub anchor: Anchor,
    /// Used if the anchor is gone.
    pub top: f64,
    /// What the layout depended on.
    pub space: Space,
    /// The photo that was opened last since.
    pub last_viewed: Option<PhotoId>,
}

/// The scroll position of the timeline that was left last, and where that timeline begins. Outlives navigation.
#[derive(Clone, Copy)]
pub struct TimelineScroll(StoredValue<Option<(Start, SavedScroll)>>);

impl TimelineScroll {
    /// Empty.
    pub fn new() -> Self {
        Self(StoredValue::new(None))
    }

    /// From the context.
    pub fn from_context() -> Self {
        use_context().unwrap_or_else(Self::new)
    }

    /// Keeps the position in the timeline from `start`.
    pub fn keep(self, start: Start, scroll: Option<SavedScroll>) {
        self.0.set_value(scroll.map(|scroll| (start, scroll)));
    }

    /// The position to restore in the timeline from `start`; None from then on. `last_viewed` is the photo that was opened since.
    pub fn take(self, start: &Start, last_viewed: Option<PhotoId>) -> Option<SavedScroll> {
        let (kept, scroll) = self.0.try_update_value(Option::take).flatten()?;
        (kept == *start).then_some(SavedScroll { last_viewed, ..scroll })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photos::samples::photo;
    use crate::photos::timeline::layout::Breakpoint;
    use model::time::Day;

    #[test]
    fn a_position_is_restored_once_and_in_the_same_timeline_only() {
        let owner = Owner::new();
        owner.set();
        let scroll = TimelineScroll::new();
        let saved = SavedScroll {
            anchor: Anchor::Day(Day(0), 10.0),
            top: 500.0,
            space: Space {
                width: 1280.0,
                text: 16.0,
                breakpoint: Breakpoint::of(1280.0),
            },
            last_viewed: None,
        };
        let opened = Some(photo(1, 5).id);
        scroll.keep(Start::Newest, Some(saved.clone()));
        let restored = SavedScroll {
            last_viewed: opened.clone(),
            ..saved.clone()
        };
        assert_eq!(scroll.take(&Start::Newest, opened), Some(restored));
        assert_eq!(scroll.take(&Start::Newest, None), None);
        scroll.keep(Start::Newest, Some(saved));
        assert_eq!(scroll.take(&Start::Day(Day(0)), None), None);
        assert_eq!(scroll.take(&Start::Newest, None), None);
    }
}
