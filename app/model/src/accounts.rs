//! Accounts and the way in.

use crate::ids::AccountId;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The fewest characters of a password; the user pool's policy says the same.
pub const MIN_PASSWORD_CHARS: usize = 10;

/// The most characters of a password: the user pool takes no more.
pub const MAX_PASSWORD_CHARS: usize = 256;

/// Bytes that a library may take, unless the site's owner says otherwise.
pub const DEFAULT_QUOTA_BYTES: u64 = 50 << 30;

/// The most that an owner can say, in GB: a petabyte.
pub const MAX_QUOTA_GB: u64 = 1 << 20;

/// Photos that a library may have, unless the site's owner says otherwise.
pub const DEFAULT_MOST_PHOTOS: u32 = 200_000;

/// The most photos that an owner can say.
pub const MAX_MOST_PHOTOS: u32 = 10_000_000;

/// Days for which an export can be fetched.
pub const EXPORT_DAYS: i64 = 7;

/// Days in which an invitation can be taken.
pub const INVITATION_DAYS: i64 = 7;

/// What an account may do beyond its own library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// The site is theirs: they say who may come in, and who operates it.
    Owner,
    /// They look after it: they invite, and see who is there.
    Operator,
    /// One that only newer code knows.
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
    /// Whether the site is theirs.
    pub owner: bool,
    /// Whether they look after it. An owner does.
    #[serde(default)]
    pub operator: bool,
}

/// Who may sign up now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// Nobody owns the site: who has the code that the deploy printed becomes its owner.
    Owner,
    /// Everybody.
    Open,
    /// Who is invited.
    Closed,
}

/// A browser, as it names itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The browser's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The system it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
}

/// A place where the account is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Names the session; it opens nothing.
    pub id: String,
    /// The browser that signed in.
    pub device: Device,
    /// The time zone it was in, which is all that is known of the place.
    pub zone: Option<String>,
    /// Since when.
    pub created_at: Time,
    /// When it was last used, to within some minutes.
    pub seen_at: Time,
    /// Whether it is the one that asks.
    pub here: bool,
}

/// How the account is guarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Security {
    /// Unused recovery codes, where a second step is asked for.
    pub recovery_codes: Option<u32>,
    /// The address that waits for its code.
    pub new_email: Option<String>,
}

/// The room that a library takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Bytes of its originals, with those that are on their way.
    pub bytes: u64,
    /// Their number.
    pub photos: u64,
    /// Bytes that it may take.
    pub quota: u64,
    /// Photos that it may have.
    pub most_photos: u32,
}

/// A passkey of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Names it.
    pub id: String,
    /// The browser that it was made in.
    pub device: Device,
    /// When.
    pub made_at: Time,
}

/// What a passkey is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyQuestion {
    /// Says, with the answer, which question it was.
    pub ceremony: String,
    /// `PublicKeyCredentialRequestOptionsJSON`, as text.
    pub options: String,
}

/// A copy of everything that an account has, for its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// How far it is.
    pub state: ExportState,
    /// When it was asked for.
    pub began_at: Time,
    /// Until when it can be fetched.
    pub ends_at: Time,
    /// Its parts, each a zip of its own, as far as they are made.
    pub parts: Vec<ExportPart>,
}

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// Parts are being made.
    Making,
    /// All are there.
    Ready,
    /// It could not be made.
    Failed,
}

/// One zip of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPart {
    /// Its size in bytes.
    pub bytes: u64,
    /// Photos in it.
    pub photos: u32,
}

/// What an authenticator app is given, while a second step is being set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondStepSetup {
    /// The key as text, in groups of four.
    pub key: String,
    /// The key as an address that opens an app on this device.
    pub address: String,
    /// The same as a picture.
    pub qr: Qr,
    /// Each lets in once, in the place of an app's code.
    pub recovery_codes: Vec<String>,
}

/// A QR code: a square of dark and light modules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qr {
    /// Modules of a side, with the light margin that the standard asks for.
    pub side: usize,
    /// The dark ones as an SVG path, a module being a unit.
    pub path: String,
}

/// The ways into an account beside its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    /// Providers that let somebody in.
    pub linked: Vec<Linked>,
    /// Providers that can be linked.
    pub providers: Vec<String>,
    /// What a provider just said, to be linked by the account's password.
    pub waiting: Option<Waiting>,
}

/// Somebody at another provider, who is let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// Names the link; it opens nothing.
    pub id: String,
    /// The provider.
    pub provider: String,
    /// The address there, where the provider said one.
    pub email: Option<String>,
}

/// Somebody at another provider, who is not linked yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The provider.
    pub provider: String,
    /// The address there, where the provider said one.
    pub email: Option<String>,
}

/// Who is here, and who may come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// The accounts.
    pub accounts: Vec<Person>,
    /// Who was asked to come and has not.
    pub invitations: Vec<Invitation>,
    /// Whether anybody may sign up.
    pub open: bool,
    /// Bytes that each library may take.
    pub quota: u64,
    /// Photos that each library may have.
    pub most_photos: u32,
}

/// An account, as those see it who look after the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The account.
    pub id: AccountId,
    /// The address it signs in with.
    pub email: String,
    /// Whether the site is theirs.
    pub owner: bool,
    /// Whether they look after it.
    pub operator: bool,
}

/// An invitation that was not taken yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Names it; it opens nothing.
    pub id: String,
    /// Who is invited.
    pub email: String,
    /// Until when it can be taken.
    pub ends_at: Time,
}
