//! Accounts and signing in.

use crate::ids::AccountId;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The minimum length of a password in characters, as in the user pool's policy.
pub const MIN_PASSWORD_CHARS: usize = 10;

/// The maximum length of a password in characters, as in the user pool.
pub const MAX_PASSWORD_CHARS: usize = 256;

/// Default storage quota of a library, in bytes.
pub const DEFAULT_QUOTA_BYTES: u64 = 50 << 30;

/// The largest quota that an owner can set, in GB: a petabyte.
pub const MAX_QUOTA_GB: u64 = 1 << 20;

/// Default limit of photos in a library.
pub const DEFAULT_MOST_PHOTOS: u32 = 200_000;

/// The largest limit of photos that an owner can set.
pub const MAX_MOST_PHOTOS: u32 = 10_000_000;

/// Days for which an export can be downloaded.
pub const EXPORT_DAYS: i64 = 7;

/// Days after which an invitation expires.
pub const INVITATION_DAYS: i64 = 7;

/// A group of accounts with additional rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Owners configure the site, and manage owners and operators.
    Owner,
    /// Operators invite people and see the accounts.
    Operator,
    /// A group of a newer version.
    #[serde(other)]
    Unknown,
}

/// The account that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Its identifier.
    pub id: AccountId,
    /// The address it signs in with.
    pub email: String,
    /// Whether it is an owner.
    pub owner: bool,
    /// Whether it is an operator. Owners are.
    #[serde(default)]
    pub operator: bool,
}

/// Who may sign up now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// The site has no owner: the first account needs the owner code and becomes the owner.
    Owner,
    /// Everybody.
    Open,
    /// Invited people.
    Closed,
}

/// A browser, from its `User-Agent`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The browser's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The system it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
}

/// A session of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its public identifier, not the secret.
    pub id: String,
    /// The browser that signed in.
    pub device: Device,
    /// The browser's time zone, the only hint at its location.
    pub zone: Option<String>,
    /// When it began.
    pub created_at: Time,
    /// When it was last used, to within some minutes.
    pub seen_at: Time,
    /// Whether it is the current one.
    pub here: bool,
}

/// Security settings of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Security {
    /// Number of unused recovery codes, if two-factor authentication is on.
    pub recovery_codes: Option<u32>,
    /// The new address that is being verified.
    pub new_email: Option<String>,
}

/// The storage that a library uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Bytes of its originals, including pending uploads.
    pub bytes: u64,
    /// Their number.
    pub photos: u64,
    /// Quota in bytes.
    pub quota: u64,
    /// Limit of photos.
    pub most_photos: u32,
}

/// A passkey of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Its identifier.
    pub id: String,
    /// The browser that created it.
    pub device: Device,
    /// When it was created.
    pub made_at: Time,
}

/// A challenge for a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyChallenge {
    /// Identifies the challenge; sent back with the response.
    pub ceremony: String,
    /// `PublicKeyCredentialRequestOptionsJSON`, as text.
    pub options: String,
}

/// An export of all data of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Its state.
    pub state: ExportState,
    /// When it was requested.
    pub began_at: Time,
    /// Until when it can be downloaded.
    pub ends_at: Time,
    /// Its parts, as far as they are made. Each is a complete zip file.
    pub parts: Vec<ExportPart>,
}

/// The state of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// Parts are being made.
    Making,
    /// All parts are made.
    Ready,
    /// It could not be made.
    Failed,
}

/// A zip file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPart {
    /// Its size in bytes.
    pub bytes: u64,
    /// Photos in it.
    pub photos: u32,
}

/// A pending setup of two-factor authentication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondStepSetup {
    /// The TOTP key as text, in groups of four.
    pub key: String,
    /// The key as an `otpauth` URI, which opens an app on this device.
    pub address: String,
    /// The URI as a QR code.
    pub qr: Qr,
    /// Single-use codes instead of the app's.
    pub recovery_codes: Vec<String>,
}

/// A QR code: a square of dark and light modules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qr {
    /// Modules per side, with the quiet zone of the standard.
    pub side: usize,
    /// The dark modules as an SVG path, one unit each.
    pub path: String,
}

/// Sign-in providers of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInMethods {
    /// Linked identities.
    pub linked: Vec<Linked>,
    /// Providers that can be linked.
    pub providers: Vec<String>,
    /// The identity that is about to be linked, once the password confirms it.
    pub waiting: Option<Waiting>,
}

/// An identity at a provider that is linked to the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// Identifier of the link.
    pub id: String,
    /// The provider.
    pub provider: String,
    /// The email address there, if known.
    pub email: Option<String>,
}

/// An identity at a provider that is not linked yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The provider.
    pub provider: String,
    /// The email address there, if known.
    pub email: Option<String>,
}

/// The site's accounts, invitations and limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// The accounts.
    pub accounts: Vec<Person>,
    /// Pending invitations.
    pub invitations: Vec<Invitation>,
    /// Whether anybody may sign up.
    pub open: bool,
    /// Quota of each library in bytes.
    pub quota: u64,
    /// Limit of photos in each library.
    pub most_photos: u32,
}

/// An account, as operators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The account.
    pub id: AccountId,
    /// The address it signs in with.
    pub email: String,
    /// Whether it is an owner.
    pub owner: bool,
    /// Whether it is an operator.
    pub operator: bool,
}

/// A pending invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its public identifier, not the secret.
    pub id: String,
    /// The invited address.
    pub email: String,
    /// When it expires.
    pub ends_at: Time,
}
