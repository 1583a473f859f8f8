//! Messages of the WebSocket.

use crate::ids::AccountId;
use crate::photos::Photo;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The largest frame that is sent, in bytes: the limit of API Gateway's WebSocket frames.
pub const MAX_FRAME_BYTES: usize = 32 * 1024;

/// A stream of messages that sockets subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "of", content = "id", rename_all = "snake_case")]
pub enum Channel {
    /// All changes in one library.
    Library(AccountId),
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library(account) => write!(f, "library-{account}"),
        }
    }
}

/// One message of a channel. Numbers of a channel have no gaps: who sees one has missed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Message {
    /// Schema version.
    pub version: u32,
    /// The channel.
    pub channel: Channel,
    /// Its sequence number in the channel, from 1.
    pub number: u64,
    /// The change.
    pub news: LiveUpdate,
}

/// Version of [`Message`] that is sent.
pub const MESSAGE_VERSION: u32 = 1;

/// A change, as subscribers of a channel get it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum LiveUpdate {
    /// A photo was added or changed. Has the whole photo, so that only the latest message matters.
    PhotoChanged {
        /// The current photo.
        photo: Box<Photo>,
    },
}

/// A single-use ticket to open the socket, valid for 30 seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The socket's URL, with the ticket in its query.
    pub address: String,
}

/// The messages after a sequence number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Missed {
    /// All of them, oldest first.
    Messages {
        /// The messages.
        messages: Vec<Message>,
    },
    /// Too many, or expired: reload the page.
    TooMuch,
}
