//! The timeline: a library's photos by date.

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
    /// After the cursor of an earlier page.
    Behind(String),
}

/// Times in cursors are shifted by 2⁴⁶ ms (2,200 years), so that times before 1970 sort correctly, too.
pub const SHIFT_MS: i64 = 1 << 46;

/// The prefix of the cursors of photos with this local time.
pub fn cursor_prefix(wall: Time) -> String {
    format!("{:015}", wall.0.saturating_add(SHIFT_MS).clamp(0, 999_999_999_999_999))
}

/// A photo's cursor and sort key in the timeline: its local time, then its identifier.
pub fn cursor_of(wall: Time, id: &PhotoId) -> String {
    format!("{}#{id}", cursor_prefix(wall))
}

/// A page of the timeline, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The photos.
    pub photos: Vec<Photo>,
    /// The cursor of the next page, if there are older photos.
    pub older: Option<String>,
    /// The channel's sequence number: the page includes all messages up to it.
    pub number: u64,
}

/// The number of photos of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCount(pub Day, pub u32);

/// The photos before and after a photo in the timeline, nearest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbours {
    /// Taken after it.
    pub newer: Vec<Photo>,
    /// Taken before it.
    pub older: Vec<Photo>,
}

/// A collection of photos outside of the timeline, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// Favourites.
    Favourites,
    /// Archived photos.
    Archive,
}
