//! Keys and shapes of notices.

use crate::aws::table::Key;
use model::ids::AccountId;
use model::notices::Notice;
use serde::{Deserialize, Serialize};

/// Whom a notice is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    /// An account, at the address that it has when the notice is sent.
    Account(AccountId),
    /// An address, whether it has an account or not.
    Address {
        /// The address.
        email: String,
    },
}

/// A notice that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRecord {
    /// Version of this shape.
    pub version: u32,
    /// Names it.
    pub id: String,
    /// Whom it is for.
    pub to: To,
    /// What it says.
    pub notice: Notice,
    /// When the table may sweep the row, in epoch seconds.
    pub ttl: i64,
}

impl NoticeRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 1;

    /// Its place.
    pub fn key(id: &str) -> Key {
        Key::new(format!("NOTICE#{id}"), "NOTICE")
    }
}
