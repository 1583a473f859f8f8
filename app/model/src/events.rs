//! What happened, as told on Shoebox's own bus. `contracts/` keeps each event's schema and examples, by version.

use crate::live::{Channel, News};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// `source` of every event.
pub const SOURCE: &str = "shoebox";

/// Version of [`Event`] that is written today. A member that readers may pass over leaves it as it is; all else makes a new
/// one, which is written only once every reader knows it.
pub const EVENT_VERSION: u32 = 1;

/// Every kind of event, by its `detail-type`.
pub const CATALOGUE: [&str; 1] = ["PhotoChanged"];

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
