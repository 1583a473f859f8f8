//! Rows of notifications, unsubscriptions and phones.

use crate::aws::table::{Key, keys};
use model::ids::AccountId;
use model::notifications::{Notification, NotificationKind, To};
use model::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A pending notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRecord {
    /// Schema version.
    pub version: u32,
    /// Identifier.
    pub id: String,
    /// The recipient.
    pub to: To,
    /// What it says.
    pub notice: Notification,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl NotificationRecord {
    /// Current schema version. Version 2 added text messages, version 3 exports and deletions, version 4 unsubscriptions and providers,
    /// version 5 wrong codes and phones, version 6 the codes of sign-up and password reset.
    pub const VERSION: u32 = 6;

    /// Primary key.
    pub fn key(id: &str) -> Key {
        keys::notification(id)
    }
}

/// An address has unsubscribed from mails of one kind. It may have no account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedRecord {
    /// Schema version.
    pub version: u32,
    /// When it unsubscribed.
    pub at: Time,
}

impl StoppedRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// An unsubscription at a time.
    pub fn since(at: Time) -> Self {
        Self {
            version: Self::VERSION,
            at,
        }
    }

    /// Primary key, by the hash of the address.
    pub fn key(email_hash: &str, kind: NotificationKind) -> Key {
        keys::stopped(email_hash, kind.name())
    }
}

/// The verified phone of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneRecord {
    /// Schema version.
    pub version: u32,
    /// Counts the writes of this row, for optimistic locking.
    pub revision: u64,
    /// The number, in E.164.
    pub number: String,
    /// The notifications that are sent to it.
    pub kinds: BTreeSet<NotificationKind>,
}

impl PhoneRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key.
    pub fn key(account: &AccountId) -> Key {
        keys::phone(account)
    }
}
