//! Every key of the table and of its indexes, by the type of the row. `TABLE.md` lists what reads them. Rows are found by these
//! strings, so they never change.

use super::Key;
use model::ids::{AccountId, PhotoId};
use model::live::Channel;
use model::time::Time;

/// The sort key of an account, and the first part of its partition key.
pub const ACCOUNT: &str = "ACCOUNT";

/// An account.
pub fn account(id: &AccountId) -> Key {
    Key::new(account_partition(id), ACCOUNT)
}

/// The rows that belong to an account.
pub fn account_partition(id: &AccountId) -> String {
    format!("ACCOUNT#{id}")
}

/// The rows of an e-mail address.
pub fn address_partition(email_hash: &str) -> String {
    format!("ADDRESS#{email_hash}")
}

/// The right to create an account.
pub fn admission(email_hash: &str) -> Key {
    Key::new(format!("ADMISSION#{email_hash}"), "ADMISSION")
}

/// A library's archive, in the index `timeline`.
pub fn archive_partition(library: &AccountId) -> String {
    format!("ARCHIVE#{library}")
}

/// The counter of a rate limit: what is counted, whose, and in which window of time.
pub fn attempts(what: &str, subject: &str, window: i64) -> Key {
    Key::new(format!("TRIES#{what}#{subject}#{window}"), "TRIES")
}

/// A channel: its counter, messages and sockets.
pub fn channel_partition(channel: &Channel) -> String {
    format!("CHANNEL#{channel}")
}

/// The photo of a library that has certain bytes, by their SHA-256 in hex.
pub fn claim(library: &AccountId, sha256: &str) -> Key {
    Key::new(library_partition(library), format!("HASH#{sha256}"))
}

/// An expected code, by its purpose and the account, or the hash of the address.
pub fn code(purpose: &str, subject: &str) -> Key {
    Key::new(format!("CODE#{purpose}#{subject}"), "CODE")
}

/// A channel's last sequence number.
pub fn counter(channel: &Channel) -> Key {
    Key::new(channel_partition(channel), "COUNTER")
}

/// A delivery to a function.
pub fn delivery(function: &str, delivery: &str) -> Key {
    Key::new(format!("DONE#{function}#{delivery}"), "DONE")
}

/// Grants by when they end, in the index `due`.
pub const DUE_GRANTS: &str = "GRANT";

/// Photos by when they are purged, in the index `due`.
pub const DUE_PURGES: &str = "PURGE";

/// When a photo is due, in the index `due`: everything before `due_sk(at, "")` is due at that time.
pub fn due_sk(at: Time, photo: &str) -> String {
    format!("{:015}#{photo}", at.0.clamp(0, 999_999_999_999_999))
}

/// An account's export.
pub fn export(account: &AccountId) -> Key {
    Key::new(account_partition(account), "EXPORT")
}

/// Favourites in their library.
pub const FAVOURITE_PREFIX: &str = "LIST#favourites#";

/// A favourite, by the photo's sort key in the index `timeline`.
pub fn favourite(library: &AccountId, place: &str) -> Key {
    Key::new(library_partition(library), format!("{FAVOURITE_PREFIX}{place}"))
}

/// Linked users of providers, by themselves and in their account.
pub const IDENTITY_PREFIX: &str = "IDENTITY#";

/// The link between a provider's user and an account.
pub fn identity(hash: &str) -> Key {
    Key::new(format!("{IDENTITY_PREFIX}{hash}"), "IDENTITY")
}

/// Its copy in the account.
pub fn identity_of_account(account: &AccountId, hash: &str) -> Key {
    Key::new(account_partition(account), format!("{IDENTITY_PREFIX}{hash}"))
}

/// Invitations, in [`SITE`].
pub const INVITATION_PREFIX: &str = "INVITATION#";

/// An invitation.
pub fn invitation(id: &str) -> Key {
    Key::new(SITE, format!("{INVITATION_PREFIX}{id}"))
}

/// The last run of a scheduled job.
pub fn last_run(job: &str) -> Key {
    Key::new("CLOCK", job)
}

/// The deletion of an account.
pub fn account_deletion(account: &AccountId) -> Key {
    Key::new(account_deletion_partition(account), "LEAVING")
}

/// The deletion of an account, and what it leaves.
pub fn account_deletion_partition(account: &AccountId) -> String {
    format!("LEAVING#{account}")
}

/// Partitions that a deletion leaves objects of.
pub const LEFTOVER_PREFIX: &str = "REST#";

/// A partition that a deletion leaves objects of.
pub fn leftover(account: &AccountId, of: &str) -> Key {
    Key::new(
        account_deletion_partition(account),
        format!("{LEFTOVER_PREFIX}{}", of.replace('#', "/")),
    )
}

/// The rows that are found by a library; and its timeline, in the index `timeline`.
pub fn library_partition(library: &AccountId) -> String {
    format!("LIBRARY#{library}")
}

/// A message of a channel.
pub fn message(channel: &Channel, number: u64) -> Key {
    Key::new(channel_partition(channel), message_sk(number))
}

/// The sort key of a message.
pub fn message_sk(number: u64) -> String {
    format!("MESSAGE#{number:020}")
}

/// Months in their library.
pub const MONTH_PREFIX: &str = "MONTH#";

/// The counts of a month's days.
pub fn month(library: &AccountId, year: i64, month: u32) -> Key {
    Key::new(library_partition(library), format!("{MONTH_PREFIX}{year:04}-{month:02}"))
}

/// Partitions of notifications.
pub const NOTIFICATION_PREFIX: &str = "NOTICE#";

/// A notification.
pub fn notification(id: &str) -> Key {
    Key::new(format!("{NOTIFICATION_PREFIX}{id}"), "NOTICE")
}

/// A browser that was sent to a provider, by the hash of the OAuth state.
pub fn oauth_attempt(hash: &str) -> Key {
    Key::new(format!("ERRAND#{hash}"), "ERRAND")
}

/// Passkeys in their account.
pub const PASSKEY_PREFIX: &str = "PASSKEY#";

/// A passkey, by the hash of its identifier.
pub fn passkey(account: &AccountId, hash: &str) -> Key {
    Key::new(account_partition(account), format!("{PASSKEY_PREFIX}{hash}"))
}

/// A pending sign-in with a passkey.
pub fn passkey_challenge(hash: &str) -> Key {
    Key::new(format!("CEREMONY#{hash}"), "CEREMONY")
}

/// A pending registration of a passkey.
pub fn passkey_registration(session: &str) -> Key {
    Key::new(format!("MAKING#{session}"), "MAKING")
}

/// A provider's user who is to be linked to an account.
pub fn pending_link(hash: &str) -> Key {
    Key::new(format!("WAITING#{hash}"), "WAITING")
}

/// A sign-in that waits for its second step.
pub fn pending_second_step(hash: &str) -> Key {
    Key::new(format!("STEP#{hash}"), "STEP")
}

/// Accounts in the list of people, in [`SITE`].
pub const PERSON_PREFIX: &str = "PERSON#";

/// An account in the list of people.
pub fn person(id: &AccountId) -> Key {
    Key::new(SITE, format!("{PERSON_PREFIX}{id}"))
}

/// An account's phone.
pub fn phone(account: &AccountId) -> Key {
    Key::new(account_partition(account), "PHONE")
}

/// The sort key of a photo.
pub const PHOTO: &str = "PHOTO";

/// Partitions of photos.
pub const PHOTO_PREFIX: &str = "PHOTO#";

/// A photo.
pub fn photo(id: &PhotoId) -> Key {
    Key::new(format!("{PHOTO_PREFIX}{id}"), PHOTO)
}

/// An account's recovery codes.
pub fn recovery(account: &AccountId) -> Key {
    Key::new(account_partition(account), "RECOVERY")
}

/// A second step that is being set up.
pub fn second_step_setup(session: &str) -> Key {
    Key::new(format!("SETUP#{session}"), "SETUP")
}

/// The sort key of a session.
pub const SESSION: &str = "SESSION";

/// Partitions of sessions; and sessions in their account.
pub const SESSION_PREFIX: &str = "SESSION#";

/// A session.
pub fn session(hash: &str) -> Key {
    Key::new(session_partition(hash), SESSION)
}

/// Its copy in the account.
pub fn session_of_account(account: &AccountId, created_at: Time, hash: &str) -> Key {
    Key::new(
        account_partition(account),
        format!("{SESSION_PREFIX}{:015}#{hash}", created_at.0),
    )
}

/// A session and its sockets.
pub fn session_partition(hash: &str) -> String {
    format!("{SESSION_PREFIX}{hash}")
}

/// The partition of the site, and the sort key of its settings.
pub const SITE: &str = "SITE";

/// The settings of the site.
pub fn site() -> Key {
    Key::new(SITE, SITE)
}

/// Sockets, by themselves, in their channel and in their session.
pub const SOCKET_PREFIX: &str = "SOCKET#";

/// A socket.
pub fn socket(connection: &str) -> Key {
    Key::new(format!("{SOCKET_PREFIX}{connection}"), "SOCKET")
}

/// Its copy in the channel.
pub fn socket_of_channel(channel: &Channel, connection: &str) -> Key {
    Key::new(channel_partition(channel), format!("{SOCKET_PREFIX}{connection}"))
}

/// Its copy in the session.
pub fn socket_of_session(session: &str, connection: &str) -> Key {
    Key::new(session_partition(session), format!("{SOCKET_PREFIX}{connection}"))
}

/// How often an order was started.
pub fn starts(message: &str) -> Key {
    Key::new(format!("STARTS#{message}"), "STARTS")
}

/// Kinds of mail that an address has stopped.
pub const STOPPED_PREFIX: &str = "STOPPED#";

/// A kind of mail that an address has stopped.
pub fn stopped(email_hash: &str, kind: &str) -> Key {
    Key::new(address_partition(email_hash), format!("{STOPPED_PREFIX}{kind}"))
}

/// The right to open a socket.
pub fn ticket(hash: &str) -> Key {
    Key::new(format!("TICKET#{hash}"), "TICKET")
}

/// A library's trash, in the index `timeline`.
pub fn trash_partition(library: &AccountId) -> String {
    format!("TRASH#{library}")
}

/// The usage of a library.
pub fn usage(library: &AccountId) -> Key {
    Key::new(format!("USAGE#{library}"), "USAGE")
}

/// The upper bound of the sort keys with a prefix: `~` sorts after all that follows one.
pub fn end_of(prefix: &str) -> String {
    format!("{prefix}~")
}

/// The lower bound of the sort keys after one.
pub fn after(sk: &str) -> String {
    format!("{sk}\u{0}")
}
