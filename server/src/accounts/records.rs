//! Keys and shapes of accounts, sessions and the site.

use crate::aws::table::Key;
use model::accounts::Group;
use model::ids::{AccountId, AlbumId};
use model::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An account. Made at its first sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// Version of this shape.
    pub version: u32,
    /// The account.
    pub id: AccountId,
    /// The address it signs in with.
    pub email: String,
    /// Since when it is.
    pub created_at: Time,
    /// What it may do beyond its own library. Version 1 did not say.
    #[serde(default)]
    pub groups: BTreeSet<Group>,
}

impl AccountRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 2;

    /// Its place.
    pub fn key(id: &AccountId) -> Key {
        Key::new(format!("ACCOUNT#{id}"), "ACCOUNT")
    }
}

/// Who holds a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Holder {
    /// Somebody who signed in.
    Account {
        /// Their account.
        account: AccountId,
    },
    /// Somebody who came by an album's link.
    Guest {
        /// The one album that they may enter.
        album: AlbumId,
    },
}

/// A session. The browser holds the secret, the table its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Version of this shape.
    pub version: u32,
    /// Hash of the secret.
    pub hash: String,
    /// Whose it is.
    #[serde(flatten)]
    pub holder: Holder,
    /// Since when it is.
    pub created_at: Time,
    /// Until when it is.
    pub ends_at: Time,
    /// When the table may sweep the row, in epoch seconds.
    pub ttl: i64,
}

impl SessionRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 2;

    /// Its place.
    pub fn key(hash: &str) -> Key {
        Key::new(format!("SESSION#{hash}"), "SESSION")
    }
}

/// Somebody may become an account: written at sign-up, used at the first sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionRecord {
    /// Version of this shape.
    pub version: u32,
    /// Whether they had the code that the deploy printed.
    pub as_owner: bool,
    /// Until when they may.
    pub ends_at: Time,
    /// When the table may sweep the row, in epoch seconds.
    pub ttl: i64,
}

impl AdmissionRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 1;

    /// Its place, by the hash of the address.
    pub fn key(email_hash: &str) -> Key {
        Key::new(format!("ADMISSION#{email_hash}"), "ADMISSION")
    }
}

/// What is true of the whole site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteRecord {
    /// Version of this shape.
    pub version: u32,
    /// Counts the writes of this row.
    pub revision: u64,
    /// Whose it is.
    pub owner: AccountId,
    /// Whether others may sign up.
    pub open: bool,
}

impl SiteRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 1;

    /// Its place.
    pub fn key() -> Key {
        Key::new("SITE", "SITE")
    }
}
