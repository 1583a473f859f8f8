//! The photos beside the open one, and which of them is asked for.

use crate::photos::library::day_index::Neighbour;
use leptos::prelude::Memo;

/// The newer and the older photo.
pub type NeighbourMemo = Memo<(Neighbour, Neighbour)>;

/// Where to navigate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Direction {
    /// Left arrow, or swipe to the right.
    Newer,
    /// Right arrow, or swipe to the left.
    Older,
}
