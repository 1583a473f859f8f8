//! What happened, as told on Shoebox's own bus.

use crate::live::{Channel, News};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// `source` of every event.
pub const SOURCE: &str = "shoebox";

/// Version of [`Event`] that is written today.
pub const EVENT_VERSION: u32 = 1;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Version of this shape.
    pub version: u32,
    /// Who hears of it.
    pub channel: Channel,
    /// The channel's number for it.
    pub number: u64,
    /// When it was told.
    pub at: Time,
    /// What it was.
    pub news: News,
}

impl Event {
    /// The event's `detail-type`, by which rules choose.
    pub fn detail_type(&self) -> &'static str {
        match self.news {
            News::PhotoChanged { .. } => "PhotoChanged",
        }
    }
}
