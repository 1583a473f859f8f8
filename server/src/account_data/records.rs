//! Rows of account deletions and of exports.

use crate::aws::table::{Key, keys};
use model::accounts::{Export, ExportPart, ExportState};
use model::ids::AccountId;
use model::time::Time;
use serde::{Deserialize, Serialize};

/// How long the rows of a deletion are kept: longer than any deletion takes.
pub const REMEMBERED_SECONDS: i64 = 30 * 86_400;

/// A deletion in progress. It has all that the deletion needs, as the account's own rows are deleted first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDeletionRecord {
    /// Schema version.
    pub version: u32,
    /// The account.
    pub account: AccountId,
    /// The address that the receipt is sent to.
    pub email: String,
    /// When it was requested.
    pub asked_at: Time,
    /// Time to live, in epoch seconds.
    pub ttl: i64,
}

impl AccountDeletionRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Its key.
    pub fn key(account: &AccountId) -> Key {
        keys::account_deletion(account)
    }
}

/// A partition whose rows are deleted, while objects in buckets may be left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftoverRecord {
    /// Schema version.
    pub version: u32,
    /// The partition.
    pub of: String,
    /// Time to live, in epoch seconds.
    pub ttl: i64,
}

impl LeftoverRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Its key.
    pub fn key(account: &AccountId, of: &str) -> Key {
        keys::leftover(account, of)
    }
}

/// The latest export of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRecord {
    /// Schema version.
    pub version: u32,
    /// Number of writes of this row, for optimistic locking.
    pub revision: u64,
    /// Identifier of the export.
    pub id: String,
    /// Its state.
    pub state: ExportState,
    /// When it was requested.
    pub began_at: Time,
    /// When it expires.
    pub ends_at: Time,
    /// The finished parts.
    pub parts: Vec<ExportPart>,
    /// The cursor at which the next part continues.
    pub upto: Upto,
    /// Time to live, in epoch seconds.
    pub ttl: i64,
}

/// The cursor of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum Upto {
    /// Photos on the timeline before this sort key, or all.
    Timeline {
        /// The sort key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    /// Photos in the archive before this sort key, or all.
    Archive {
        /// The sort key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    /// Photos in the trash before this sort key, or all.
    Trash {
        /// The sort key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    /// The export is complete.
    End,
}

impl ExportRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Its key.
    pub fn key(account: &AccountId) -> Key {
        keys::export(account)
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
