//! Keys and shapes of accounts that leave, and of exports.

use crate::aws::table::Key;
use model::accounts::{Export, ExportPart, ExportState};
use model::ids::AccountId;
use model::time::Time;
use serde::{Deserialize, Serialize};

/// How long what is remembered of an account that leaves may stand: longer than any deletion takes.
pub const REMEMBERED_SECONDS: i64 = 30 * 86_400;

/// An account is being deleted. What a deletion needs to know stands here, for the account's own rows go first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeavingRecord {
    /// Version of this shape.
    pub version: u32,
    /// The account.
    pub account: AccountId,
    /// Where the receipt goes.
    pub email: String,
    /// When it was asked for.
    pub asked_at: Time,
    /// When the table may sweep the row, in epoch seconds.
    pub ttl: i64,
}

impl LeavingRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 1;

    /// Its place.
    pub fn key(account: &AccountId) -> Key {
        Key::new(format!("LEAVING#{account}"), "LEAVING")
    }
}

/// A partition whose rows are gone, but not yet what lies in buckets because of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftoverRecord {
    /// Version of this shape.
    pub version: u32,
    /// The partition.
    pub of: String,
    /// When the table may sweep the row, in epoch seconds.
    pub ttl: i64,
}

impl LeftoverRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 1;

    /// Its place.
    pub fn key(account: &AccountId, of: &str) -> Key {
        Key::new(format!("LEAVING#{account}"), format!("REST#{}", of.replace('#', "/")))
    }
}

/// The export that an account asked for last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRecord {
    /// Version of this shape.
    pub version: u32,
    /// Counts the writes of this row.
    pub revision: u64,
    /// Names the export.
    pub id: String,
    /// How far it is.
    pub state: ExportState,
    /// When it was asked for.
    pub began_at: Time,
    /// Until when it can be fetched.
    pub ends_at: Time,
    /// The parts that are there.
    pub parts: Vec<ExportPart>,
    /// Where the next part goes on.
    pub upto: Upto,
    /// When the table may sweep the row, in epoch seconds.
    pub ttl: i64,
}

/// How far into a library an export has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum Upto {
    /// Photos on the timeline before this place, or all.
    Timeline {
        /// The place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    /// Photos in the archive before this place, or all.
    Archive {
        /// The place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    /// Photos in the trash before this place, or all.
    Trash {
        /// The place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    /// Everything is in.
    End,
}

impl ExportRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 1;

    /// Its place.
    pub fn key(account: &AccountId) -> Key {
        Key::new(format!("ACCOUNT#{account}"), "EXPORT")
    }

    /// The export as its owner sees it.
    pub fn export(self) -> Export {
        Export {
            state: self.state,
            began_at: self.began_at,
            ends_at: self.ends_at,
            parts: self.parts,
        }
    }
}
