//! Events on Shoebox's own event bus. `contracts/` has the schema and examples of each, by version.

use crate::live::{Channel, LiveUpdate};
use crate::notifications::{Notification, To};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// `source` of every event.
pub const SOURCE: &str = "shoebox";

/// Version of [`Event`] that is published. Adding an optional field keeps it; any other change needs a new version, which is published
/// only once every consumer supports it.
pub const EVENT_VERSION: u32 = 1;

/// All `detail-type`s.
pub const CATALOGUE: [&str; 3] = ["PhotoChanged", SessionEnded::DETAIL_TYPE, NoticeWanted::DETAIL_TYPE];

/// A change, for the subscribers of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// Schema version.
    pub version: u32,
    /// The channel.
    pub channel: Channel,
    /// Its sequence number in the channel.
    pub number: u64,
    /// When it was published.
    pub at: Time,
    /// The change.
    pub news: LiveUpdate,
}

impl Event {
    /// The event's `detail-type`, which rules match.
    pub fn detail_type(&self) -> &'static str {
        match self.news {
            LiveUpdate::PhotoChanged { .. } => "PhotoChanged",
        }
    }
}

/// A session has ended, by sign-out or expiry: its sockets must be closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionEnded {
    /// Schema version.
    pub version: u32,
    /// Hash of the session's secret.
    pub session: String,
}

impl SessionEnded {
    /// The event's `detail-type`.
    pub const DETAIL_TYPE: &str = "SessionEnded";
    /// Version that is published.
    pub const VERSION: u32 = 1;
}

/// A notification is to be sent by mail or SMS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoticeWanted {
    /// Schema version.
    pub version: u32,
    /// Identifies the notification, so that it is sent once.
    pub id: String,
    /// The recipient.
    pub to: To,
    /// The notification.
    pub notice: Notification,
}

impl NoticeWanted {
    /// The event's `detail-type`.
    pub const DETAIL_TYPE: &str = "NoticeWanted";
    /// Version that is published. Version 2 added phones; 3 exports and deletions; 4 stopped mails and providers; 5 guessed codes and
    /// changed phones; 6 the codes for signing up and for a forgotten password.
    pub const VERSION: u32 = 6;
}
