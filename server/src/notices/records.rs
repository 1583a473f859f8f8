//! Keys and shapes of notices.

use crate::aws::table::Key;
use model::ids::AccountId;
use model::notices::{Notice, NoticeKind, To};
use model::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A notice that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRecord {
    /// Schema version.
    pub version: u32,
    /// Names it.
    pub id: String,
    /// Whom it is for.
    pub to: To,
    /// What it says.
    pub notice: Notice,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl NoticeRecord {
    /// Current schema version. Version 2 also tells phones, version 3 of leaving, version 4 of mails that were stopped and of providers,
    /// version 5 of guessed codes and of phones, version 6 carries the codes of signing up and of a forgotten password.
    pub const VERSION: u32 = 6;

    /// Primary key.
    pub fn key(id: &str) -> Key {
        Key::new(format!("NOTICE#{id}"), "NOTICE")
    }
}

/// An address does not want mails of one kind. It need not have an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedRecord {
    /// Schema version.
    pub version: u32,
    /// Since when.
    pub at: Time,
}

impl StoppedRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Mails are not wanted from then on.
    pub fn since(at: Time) -> Self {
        Self {
            version: Self::VERSION,
            at,
        }
    }

    /// Partition of an address, by its hash.
    pub fn pk(email_hash: &str) -> String {
        format!("ADDRESS#{email_hash}")
    }

    /// Primary key, by the hash of the address.
    pub fn key(email_hash: &str, kind: NoticeKind) -> Key {
        Key::new(Self::pk(email_hash), format!("STOPPED#{}", kind.name()))
    }
}

/// The phone of an account, which a code proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneRecord {
    /// Schema version.
    pub version: u32,
    /// Counts the writes of this row, for optimistic locking.
    pub revision: u64,
    /// The number, as E.164 writes it.
    pub number: String,
    /// What is sent to it.
    pub kinds: BTreeSet<NoticeKind>,
}

impl PhoneRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key.
    pub fn key(account: &AccountId) -> Key {
        Key::new(format!("ACCOUNT#{account}"), "PHONE")
    }
}
