//! Rows of accounts, sessions and the site.

use crate::aws::table::{Key, keys};
use crate::encrypted::Encrypted;
use model::accounts::{Device, Group};
use model::ids::{AccountId, AlbumId};
use model::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An account, created at its first sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// Schema version.
    pub version: u32,
    /// Counts the writes of this row from 1, for optimistic locking. Before version 5: 0.
    #[serde(default)]
    pub revision: u64,
    /// Identifier: the user pool's `sub`.
    pub id: AccountId,
    /// The address it signs in with.
    pub email: String,
    /// When it was created.
    pub created_at: Time,
    /// Its roles. Since version 2.
    #[serde(default)]
    pub groups: BTreeSet<Group>,
    /// When its deletion began: from then on nobody can sign in to it. Since version 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving_at: Option<Time>,
}

impl AccountRecord {
    /// Current schema version. Since version 3 there is a second row in the list of people.
    pub const VERSION: u32 = 5;

    /// Primary key.
    pub fn key(id: &AccountId) -> Key {
        keys::account(id)
    }

    /// Key of the copy in the site's list of people.
    pub fn person_key(id: &AccountId) -> Key {
        keys::person(id)
    }
}

/// Who holds a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Holder {
    /// A user who signed in.
    Account {
        /// Their account.
        account: AccountId,
    },
    /// A guest, by an album's link.
    Guest {
        /// The only album that they may see.
        album: AlbumId,
    },
}

/// A session. The browser has the secret, the table its hash. An account's session has a second row in the account's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Schema version.
    pub version: u32,
    /// Hash of the secret, and identifier.
    pub hash: String,
    /// Whose it is.
    #[serde(flatten)]
    pub holder: Holder,
    /// When it began.
    pub created_at: Time,
    /// When it was last used, to within [`super::session::SEEN_SECONDS`]. Since version 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Time>,
    /// The browser.
    #[serde(default)]
    pub device: Device,
    /// The browser's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Expiry. Each use extends it.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl SessionRecord {
    /// Current schema version.
    pub const VERSION: u32 = 3;

    /// Primary key.
    pub fn key(hash: &str) -> Key {
        keys::session(hash)
    }

    /// Key of the copy in the account's list.
    pub fn listed_key(account: &AccountId, created_at: Time, hash: &str) -> Key {
        keys::session_of_account(account, created_at, hash)
    }
}

/// The right to create an account: written at sign-up, consumed by the first sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionRecord {
    /// Schema version.
    pub version: u32,
    /// Whether as the site's owner, by the owner code that the deploy prints.
    pub as_owner: bool,
    /// Expiry.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl AdmissionRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key, by the hash of the address.
    pub fn key(email_hash: &str) -> Key {
        keys::admission(email_hash)
    }
}

/// An invitation. The link in its mail is signed, so the row contains no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRecord {
    /// Schema version.
    pub version: u32,
    /// Identifier: a UUID version 7, so that the list is sorted by time.
    pub id: String,
    /// The invited address.
    pub email: String,
    /// The account that invited.
    pub by: AccountId,
    /// Expiry.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl InvitationRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key.
    pub fn key(id: &str) -> Key {
        keys::invitation(id)
    }
}

/// The recovery codes of an account. Exists while its second step is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryRecord {
    /// Schema version.
    pub version: u32,
    /// Counts the writes of this row, for optimistic locking.
    pub revision: u64,
    /// Hashes of the unused codes.
    pub hashes: BTreeSet<String>,
}

impl RecoveryRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key.
    pub fn key(account: &AccountId) -> Key {
        keys::recovery(account)
    }
}

/// A sign-in with a correct password, and a pending second step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSecondStepRecord {
    /// The address that signs in.
    pub email: String,
    /// The user pool's challenge session, as text encrypted with the browser's secret. In plain text in older rows.
    pub challenge: Encrypted,
    /// The browser's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Where to go after the sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Expiry.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl PendingSecondStepRecord {
    /// Primary key, by the hash of the browser's secret.
    pub fn key(hash: &str) -> Key {
        keys::pending_second_step(hash)
    }
}

/// A pending setup of the second step by a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupRecord {
    /// A [`Setup`], encrypted for the session. Older rows have its fields in plain text, which are ignored.
    #[serde(default)]
    pub setup: Encrypted,
    /// Expiry.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl SetupRecord {
    /// Primary key, by the hash of the session's secret.
    pub fn key(session: &str) -> Key {
        keys::second_step_setup(session)
    }
}

/// The secrets of a pending setup.
#[derive(Serialize, Deserialize)]
pub struct Setup {
    /// The user pool's access token, which the code is verified with.
    pub token: String,
    /// The TOTP key, in base32.
    pub key: String,
    /// The new recovery codes.
    pub recovery_codes: Vec<String>,
}

/// The settings of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteRecord {
    /// Schema version.
    pub version: u32,
    /// Counts the writes of this row, for optimistic locking.
    pub revision: u64,
    /// The first owner.
    pub owner: AccountId,
    /// Whether anybody may sign up.
    pub open: bool,
    /// Bytes per library, if the owner has set a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<u64>,
    /// Photos per library, if the owner has set a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_photos: Option<u32>,
}

impl SiteRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key.
    pub fn key() -> Key {
        keys::site()
    }
}
