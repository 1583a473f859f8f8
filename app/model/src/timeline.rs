//! A library's photos in the order in which they were taken.

use crate::ids::PhotoId;
use crate::photos::Photo;
use crate::time::{Day, Time};
use serde::{Deserialize, Serialize};

/// Where a page of the timeline begins. It goes on to older photos.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// At the newest photo.
    #[default]
    Newest,
    /// At the newest photo of a day, or of the day before it that has some.
    Day(Day),
    /// Behind a place that an earlier page told.
    Behind(String),
}

/// Times in places are shifted by 2⁴⁶ ms (2,200 years), so that years before 1970 sort too.
pub const SHIFT_MS: i64 = 1 << 46;

/// What the places of photos begin with that were taken when the clock showed this.
pub fn place_of(wall: Time) -> String {
    format!("{:015}", wall.0.saturating_add(SHIFT_MS).clamp(0, 999_999_999_999_999))
}

/// A photo's place in the timeline: what the clock showed where it was taken, then its identifier.
pub fn place(wall: Time, id: &PhotoId) -> String {
    format!("{}#{id}", place_of(wall))
}

/// A page of the timeline, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The photos.
    pub photos: Vec<Photo>,
    /// Behind which place older ones follow, if any do.
    pub older: Option<String>,
    /// A number up to which this page shows all that was told.
    pub number: u64,
}

/// How many photos a day has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCount(pub Day, pub u32);

/// Photos beside one another in the timeline, that can be looked at: the nearest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbours {
    /// Taken after it.
    pub newer: Vec<Photo>,
    /// Taken before it.
    pub older: Vec<Photo>,
}

/// Photos that are looked at by themselves, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// What its owner likes best.
    Favourites,
    /// What was taken out of the timeline.
    Archive,
}
