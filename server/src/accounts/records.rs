//! Keys and shapes of accounts, sessions and the site.

use crate::aws::table::Key;
use crate::encrypted::Encrypted;
use model::accounts::{Device, Group};
use model::ids::{AccountId, AlbumId};
use model::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An account. Made at its first sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// Schema version.
    pub version: u32,
    /// Counts the writes of this row, from 1. Version 4 did not: 0.
    #[serde(default)]
    pub revision: u64,
    /// The account.
    pub id: AccountId,
    /// The address it signs in with.
    pub email: String,
    /// Since when it is.
    pub created_at: Time,
    /// What it may do beyond its own library. Version 1 did not say.
    #[serde(default)]
    pub groups: BTreeSet<Group>,
    /// Since when it is being deleted: nobody is let in to it any more. Version 3 did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving_at: Option<Time>,
}

impl AccountRecord {
    /// Current schema version. Version 3 also stands among the people of the site.
    pub const VERSION: u32 = 5;

    /// Primary key.
    pub fn key(id: &AccountId) -> Key {
        Key::new(format!("ACCOUNT#{id}"), "ACCOUNT")
    }

    /// Its place among the people of the site.
    pub fn person_key(id: &AccountId) -> Key {
        Key::new("SITE", format!("PERSON#{id}"))
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

/// A session. The browser holds the secret, the table its hash. An account's also stands in the account's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Schema version.
    pub version: u32,
    /// Hash of the secret.
    pub hash: String,
    /// Whose it is.
    #[serde(flatten)]
    pub holder: Holder,
    /// Since when it is.
    pub created_at: Time,
    /// When it was last used, to within [`super::session::SEEN_SECONDS`]. Version 2 did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Time>,
    /// The browser.
    #[serde(default)]
    pub device: Device,
    /// The browser's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Until when it is, unless it is used.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl SessionRecord {
    /// Current schema version.
    pub const VERSION: u32 = 3;

    /// Primary key.
    pub fn key(hash: &str) -> Key {
        Key::new(format!("SESSION#{hash}"), "SESSION")
    }

    /// Key of the copy in the account's list.
    pub fn listed_key(account: &AccountId, created_at: Time, hash: &str) -> Key {
        Key::new(format!("ACCOUNT#{account}"), format!("SESSION#{:015}#{hash}", created_at.0))
    }
}

/// Somebody may become an account: written at sign-up, used at the first sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionRecord {
    /// Schema version.
    pub version: u32,
    /// Whether they had the code that the deploy printed.
    pub as_owner: bool,
    /// Until when they may.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl AdmissionRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key, by the hash of the address.
    pub fn key(email_hash: &str) -> Key {
        Key::new(format!("ADMISSION#{email_hash}"), "ADMISSION")
    }
}

/// Somebody was asked to come. The link in their mail is signed, so the row holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRecord {
    /// Schema version.
    pub version: u32,
    /// Names it. A UUID of version 7, so that the list is in the order of time.
    pub id: String,
    /// Who is invited.
    pub email: String,
    /// Whose invitation it is.
    pub by: AccountId,
    /// Until when it can be taken.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl InvitationRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key.
    pub fn key(id: &str) -> Key {
        Key::new("SITE", format!("INVITATION#{id}"))
    }
}

/// The recovery codes of an account that asks for a second step. It is there while the second step is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryRecord {
    /// Schema version.
    pub version: u32,
    /// Counts the writes of this row, for optimistic locking.
    pub revision: u64,
    /// Hashes of the codes that were not used.
    pub hashes: BTreeSet<String>,
}

impl RecoveryRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key.
    pub fn key(account: &AccountId) -> Key {
        Key::new(format!("ACCOUNT#{account}"), "RECOVERY")
    }
}

/// Somebody who proved a password and owes the second step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The address they came with.
    pub email: String,
    /// What the user pool wants to see again with the code: a text, for who has the secret. It was in plain text before.
    pub challenge: Encrypted,
    /// The browser's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Where they want to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Until when the code may come.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl StepRecord {
    /// Primary key, by the hash of the secret that the browser holds meanwhile.
    pub fn key(hash: &str) -> Key {
        Key::new(format!("STEP#{hash}"), "STEP")
    }
}

/// A second step that is being set up, by the session that does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupRecord {
    /// A [`Setup`], for the session. Its parts were in plain text before, and are not read from there.
    #[serde(default)]
    pub setup: Encrypted,
    /// Until when it may be finished.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl SetupRecord {
    /// Primary key, by the hash of the session's secret.
    pub fn key(session: &str) -> Key {
        Key::new(format!("SETUP#{session}"), "SETUP")
    }
}

/// What a second step is set up with.
#[derive(Serialize, Deserialize)]
pub struct Setup {
    /// The user pool's token of who proved the password: the code is verified with it.
    pub token: String,
    /// The key, in base32.
    pub key: String,
    /// The codes that will be valid.
    pub recovery_codes: Vec<String>,
}

/// What is true of the whole site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteRecord {
    /// Schema version.
    pub version: u32,
    /// Counts the writes of this row, for optimistic locking.
    pub revision: u64,
    /// Who claimed it first.
    pub owner: AccountId,
    /// Whether others may sign up.
    pub open: bool,
    /// Bytes that each library may take, where the owner said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<u64>,
    /// Photos that each library may have, where the owner said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_photos: Option<u32>,
}

impl SiteRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key.
    pub fn key() -> Key {
        Key::new("SITE", "SITE")
    }
}
