//! Keys and shapes of channels, their messages and sockets.

use crate::aws::table::Key;
use model::events::Event;
use model::live::Channel;
use model::time::Time;
use serde::{Deserialize, Serialize};

/// How long a message can be asked for again.
pub const MESSAGE_SECONDS: i64 = 86_400;

/// How long a socket can be open: API Gateway closes it after two hours.
pub const SOCKET_SECONDS: i64 = 2 * 3600 + 600;

/// Partition of a channel.
pub fn channel_pk(channel: &Channel) -> String {
    format!("CHANNEL#{channel}")
}

/// A channel's last number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterRecord {
    /// The number of the newest message.
    pub number: u64,
    /// When it was given.
    pub at: Time,
}

impl CounterRecord {
    /// Primary key.
    pub fn key(channel: &Channel) -> Key {
        Key::new(channel_pk(channel), "COUNTER")
    }
}

/// A numbered event, kept for those who missed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRecord {
    /// The event.
    pub event: Event,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl MessageRecord {
    /// Sort key of a number.
    pub fn sk(number: u64) -> String {
        format!("MESSAGE#{number:020}")
    }

    /// Primary key.
    pub fn key(channel: &Channel, number: u64) -> Key {
        Key::new(channel_pk(channel), Self::sk(number))
    }
}

/// The right to open one socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRecord {
    /// What it will follow.
    pub channel: Channel,
    /// Hash of the session that asked for it. It did not say before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Until when it may be used.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl TicketRecord {
    /// Primary key, by the hash of its secret.
    pub fn key(hash: &str) -> Key {
        Key::new(format!("TICKET#{hash}"), "TICKET")
    }
}

/// An open socket that follows a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketRecord {
    /// API Gateway's name for the connection.
    pub connection: String,
    /// The channel.
    pub channel: Channel,
    /// Hash of the session that it was opened with, and ends with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// When it asked to be opened.
    #[serde(default = "long_ago")]
    pub opened_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

/// What rows say that were written before they said it.
fn long_ago() -> Time {
    Time(0)
}

impl SocketRecord {
    /// Its place among the channel's followers.
    pub fn follower_key(channel: &Channel, connection: &str) -> Key {
        Key::new(channel_pk(channel), format!("SOCKET#{connection}"))
    }

    /// Its place among the sockets of its session.
    pub fn session_key(session: &str, connection: &str) -> Key {
        Key::new(format!("SESSION#{session}"), format!("SOCKET#{connection}"))
    }

    /// All of its places.
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

    /// Its place by its own name, to find the channel when it closes.
    pub fn key(connection: &str) -> Key {
        Key::new(format!("SOCKET#{connection}"), "SOCKET")
    }
}
