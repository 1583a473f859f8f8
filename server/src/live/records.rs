//! Rows of channels, their messages and sockets.

use crate::aws::table::{Key, keys};
use model::events::Event;
use model::live::Channel;
use model::time::Time;
use serde::{Deserialize, Serialize};

/// How long messages are stored.
pub const MESSAGE_SECONDS: i64 = 86_400;

/// Maximum lifetime of a socket's row: API Gateway closes a socket after two hours.
pub const SOCKET_SECONDS: i64 = 2 * 3600 + 600;

/// A channel's last sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterRecord {
    /// The last number.
    pub number: u64,
    /// When it was assigned.
    pub at: Time,
}

impl CounterRecord {
    /// Primary key.
    pub fn key(channel: &Channel) -> Key {
        keys::counter(channel)
    }

    /// In place of one that is lost: above any number that a browser may have seen, so that it sees a gap and loads the page again.
    pub fn after_loss(at: Time) -> Self {
        Self {
            number: u64::try_from(at.seconds()).unwrap_or(0),
            at,
        }
    }
}

/// A published event, stored for browsers that missed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRecord {
    /// The event.
    pub event: Event,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl MessageRecord {
    /// Primary key.
    pub fn key(channel: &Channel, number: u64) -> Key {
        keys::message(channel, number)
    }
}

/// The right to open one socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRecord {
    /// The channel that the socket will follow.
    pub channel: Channel,
    /// Hash of the session that requested it. Not in older rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Expiry.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl TicketRecord {
    /// Primary key, by the hash of its secret.
    pub fn key(hash: &str) -> Key {
        keys::ticket(hash)
    }
}

/// An open socket that follows a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketRecord {
    /// API Gateway's connection identifier.
    pub connection: String,
    /// The channel.
    pub channel: Channel,
    /// Hash of its session, which it is closed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// When `$connect` was handled.
    #[serde(default = "long_ago")]
    pub opened_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

/// Default of older rows.
fn long_ago() -> Time {
    Time(0)
}

impl SocketRecord {
    /// Key of the copy in the channel's list.
    pub fn follower_key(channel: &Channel, connection: &str) -> Key {
        keys::socket_of_channel(channel, connection)
    }

    /// Key of the copy in the session's list.
    pub fn session_key(session: &str, connection: &str) -> Key {
        keys::socket_of_session(session, connection)
    }

    /// The keys of all copies.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        let by_session = self
            .session
            .as_ref()
            .map(|session| Self::session_key(session, &self.connection));
        let others = [
            Self::follower_key(&self.channel, &self.connection),
            Self::key(&self.connection),
        ];
        others.into_iter().chain(by_session)
    }

    /// Primary key, to find the other copies when it closes.
    pub fn key(connection: &str) -> Key {
        keys::socket(connection)
    }
}
