//! Schema compatibility of rows. During a deployment old and new functions run at the same time, so new code must read old
//! rows, and old code new rows.
//!
//! `contracts/rows` has a row of each version as it was written; it is never edited. `yesterday` has the old record types.

#![allow(clippy::expect_used, clippy::unwrap_used)]

#[path = "contracts/yesterday.rs"]
mod yesterday;

use model::accounts::{Device, Group};
use model::ids::{AccountId, PhotoId};
use model::notifications::{Notification, NotificationKind, To};
use model::photos::{DateSource, Modified, Receipt, Size, State, Step};
use model::time::Time;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use server::account_data::records::{AccountDeletionRecord, ExportRecord, LeftoverRecord, Upto};
use server::accounts::codes::CodeRecord;
use server::accounts::federated::OAuthAttemptRecord;
use server::accounts::identities::IdentityRecord;
use server::accounts::passkeys::{PasskeyChallengeRecord, PasskeyRecord, PasskeyRegistrationRecord};
use server::accounts::records::{
    AccountRecord, AdmissionRecord, Holder, InvitationRecord, PendingSecondStepRecord, RecoveryRecord, SessionRecord,
    SetupRecord, SiteRecord,
};
use server::aws::table::Key;
use server::encrypted::{Cipher, Encrypted};
use server::live::records::{CounterRecord, MessageRecord, SocketRecord, TicketRecord};
use server::notifications::records::{NotificationRecord, PhoneRecord, StoppedRecord};
use server::photos::claim::ClaimRecord;
use server::photos::records::{FavouriteRecord, PhotoRecord};
use std::path::Path;

fn row(name: &str, version: u32) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/contracts/rows/{name}.v{version}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Converts a row through DynamoDB attributes.
fn through_attributes<T: DeserializeOwned>(row: impl Serialize) -> T {
    let item: serde_dynamo::Item = serde_dynamo::to_item(row).expect("an item");
    serde_dynamo::from_item(item).expect("a readable row")
}

fn library() -> AccountId {
    "0190c9f0-5b1e-7c3a-8d2f-0000000000aa".parse().expect("an id")
}

fn photo() -> PhotoRecord {
    let id: PhotoId = "0190c9f0-5b1e-7c3a-8d2f-000000000001".parse().expect("an id");
    let mut photo = PhotoRecord {
        version: 0,
        revision: 3,
        timeline_pk: String::new(),
        timeline_sk: String::new(),
        id,
        library: library(),
        name: "dogs.jpg".into(),
        kind: "image/jpeg".into(),
        bytes: 5,
        sha256: "hash".into(),
        receipt: Some(Receipt {
            sha256: "hash".into(),
            store: Some("hash-2".into()),
            at: Time(2),
        }),
        grant_ends_at: Time(5),
        signed_until: Some(Time(4)),
        parts: Some("upload".into()),
        state: State::Developing { done: 1, of: 2 },
        history: vec![Step {
            state: State::Received,
            at: Time(1),
        }],
        generation: 1,
        random: "r".into(),
        preview: true,
        formats: vec!["webp".into()],
        lacking: vec![],
        animated: true,
        shot: None,
        widths: vec![320],
        size: Some(Size { width: 4, height: 3 }),
        thumbhash: Some("AA==".into()),
        modified: Some(Modified { at: Time(-1), zone: 60 }),
        upload_zone: Some(120),
        taken_at: Time(-1),
        date_source: Some(DateSource::FileModified),
        corrected: Some(Time(-2)),
        caption: Some("Two dogs".into()),
        favourite: true,
        turned: 3,
        archived_at: Some(Time(8)),
        trashed_at: Some(Time(9)),
        counted: true,
        due_pk: None,
        due_sk: None,
    };
    photo.update_index_keys();
    photo
}

#[test]
fn current_code_reads_rows_of_every_version() {
    let photo: PhotoRecord = through_attributes(row("photo", 1));
    assert_eq!(
        (photo.state, photo.history.len(), photo.trashed_at, photo.due_pk),
        (State::Ready, 6, None, None)
    );
    let photo: PhotoRecord = through_attributes(row("photo", 4));
    assert_eq!(
        (photo.preview, photo.receipt.map(|receipt| receipt.sha256)),
        (true, Some(photo.sha256))
    );
    let photo: PhotoRecord = through_attributes(row("photo", 5));
    assert_eq!(
        (photo.animated, photo.lacking.len(), photo.shot.and_then(|shot| shot.iso)),
        (true, 1, Some(100))
    );
    let photo: PhotoRecord = through_attributes(row("photo", 6));
    assert_eq!(
        (photo.favourite, photo.turned, photo.caption.as_deref()),
        (true, 1, Some("Two dogs"))
    );
    assert_eq!(photo.photo().date_source, DateSource::Metadata);
    let photo: PhotoRecord = through_attributes(row("photo", 7));
    assert_eq!(
        (photo.modified, photo.upload_zone, photo.date_source),
        (
            Some(Modified {
                at: Time(1_435_708_800_000),
                zone: 120
            }),
            Some(60),
            Some(DateSource::FileModified)
        )
    );
    assert_eq!(
        (photo.corrected, photo.photo().taken_at, photo.photo().date_source),
        (Some(Time(1_435_712_400_000)), Time(1_435_712_400_000), DateSource::Owner)
    );
    let favourite: FavouriteRecord = through_attributes(row("favourite", 1));
    assert_eq!(favourite.photo, photo.id);
    let claim: ClaimRecord = through_attributes(row("claim", 1));
    assert_eq!(claim.photo, photo.id);
    let account: AccountRecord = through_attributes(row("account", 1));
    assert_eq!((account.version, account.groups.len()), (1, 0));
    let session: SessionRecord = through_attributes(row("session", 1));
    assert_eq!(session.holder, Holder::Account { account: library() });
    let socket: SocketRecord = through_attributes(row("socket", 1));
    assert_eq!(socket.opened_at, Time(0));
    let ticket: TicketRecord = through_attributes(row("ticket", 1));
    assert_eq!(ticket.ends_at, Time(1_763_900_030_000));
    let message: MessageRecord = through_attributes(row("message", 1));
    assert_eq!(message.event.number, 7);
    let account: AccountRecord = through_attributes(row("account", 3));
    assert_eq!(account.groups, [Group::Owner, Group::Operator].into());
    let person: AccountRecord = through_attributes(row("person", 3));
    assert_eq!(person.id, library());
    let session: SessionRecord = through_attributes(row("session", 3));
    assert_eq!(
        (session.seen_at, session.device.browser),
        (Some(Time(1_763_900_300_000)), Some("Firefox".into()))
    );
    let recovery: RecoveryRecord = through_attributes(row("recovery", 1));
    assert_eq!((recovery.revision, recovery.hashes.len()), (2, 2));
    let notification: NotificationRecord = through_attributes(row("notice", 1));
    assert_eq!(notification.to, To::Account(library()));
    let code: CodeRecord = through_attributes(row("code", 1));
    assert_eq!((code.tries, code.proves), (1, "cleo@example.org".into()));
    let notification: NotificationRecord = through_attributes(row("notice", 2));
    assert_eq!(notification.notice.kind(), NotificationKind::Code);
    let notification: NotificationRecord = through_attributes(row("notice", 3));
    assert_eq!(notification.notice.kind(), NotificationKind::Answer);
    let notification: NotificationRecord = through_attributes(row("notice", 4));
    let entry = NotificationKind::Entry;
    assert_eq!(notification.notice, Notification::MailsStopped { kind: entry });
    let notification: NotificationRecord = through_attributes(row("notice", 5));
    assert_eq!(notification.notice, Notification::CodesGuessed { second_step: true });
    let notification: NotificationRecord = through_attributes(row("notice", 6));
    assert_eq!(notification.notice, Notification::PasswordCode);
    let account: AccountRecord = through_attributes(row("account", 4));
    assert_eq!(account.leaving_at, Some(Time(1_763_900_600_000)));
    assert_eq!(account.revision, 0, "no revision in version 4");
    let account: AccountRecord = through_attributes(row("account", 5));
    assert_eq!((account.version, account.revision), (5, 3));
    let passkey: PasskeyRecord = through_attributes(row("passkey", 1));
    assert_eq!(passkey.device.browser.as_deref(), Some("Firefox"));
    let deletion: AccountDeletionRecord = through_attributes(row("leaving", 1));
    assert_eq!(deletion.account, library());
    let leftover: LeftoverRecord = through_attributes(row("leftover", 1));
    assert!(leftover.of.starts_with("PHOTO#"));
    let export: ExportRecord = through_attributes(row("export", 1));
    assert!(matches!(export.upto, Upto::Timeline { before: Some(_) }));
    assert_eq!(export.export().parts[0].photos, 512);
    let phone: PhoneRecord = through_attributes(row("phone", 1));
    assert_eq!(
        (phone.number, phone.kinds),
        ("+442079460000".into(), [NotificationKind::Change].into())
    );
    through_attributes::<StoppedRecord>(row("stopped", 1));
    let identity: IdentityRecord = through_attributes(row("identity", 1));
    assert_eq!((identity.provider.as_str(), identity.account), ("Google", library()));
    let identity: IdentityRecord = through_attributes(row("identity", 2));
    assert_eq!(identity.username.as_deref(), Some("Google_117"));
    through_attributes::<InvitationRecord>(row("invitation", 1));
    through_attributes::<CounterRecord>(row("counter", 1));
    through_attributes::<AdmissionRecord>(row("admission", 1));
    through_attributes::<SiteRecord>(row("site", 1));
}

#[test]
fn plaintext_secrets_of_old_rows_are_not_read() {
    let (cipher, hash) = (Cipher::of("test"), server::secrets::hashed("test"));
    let is_decrypted = |key: Key, encrypted: &Encrypted| cipher.decrypt::<Value>(&key, encrypted).is_some();
    let setup: SetupRecord = through_attributes(row("setup", 1));
    assert!(!is_decrypted(SetupRecord::key(&hash), &setup.setup));
    let making: PasskeyRegistrationRecord = through_attributes(row("making", 1));
    assert!(!is_decrypted(PasskeyRegistrationRecord::key(&hash), &making.token));
    let step: PendingSecondStepRecord = through_attributes(row("step", 1));
    assert!(!is_decrypted(PendingSecondStepRecord::key(&hash), &step.challenge));
    let ceremony: PasskeyChallengeRecord = through_attributes(row("ceremony", 1));
    assert!(!is_decrypted(PasskeyChallengeRecord::key(&hash), &ceremony.session));
    let attempt: OAuthAttemptRecord = through_attributes(row("errand", 1));
    assert!(!is_decrypted(OAuthAttemptRecord::key(&hash), &attempt.checks));
}

#[test]
fn old_code_reads_current_rows() {
    let photo: yesterday::PhotoRecord = through_attributes(photo());
    assert_eq!((photo.version, photo.revision), (7, 3));
    let account: yesterday::AccountRecord = through_attributes(AccountRecord {
        version: AccountRecord::VERSION,
        revision: 1,
        id: library(),
        email: "ada@example.org".into(),
        created_at: Time(1),
        groups: [Group::Owner].into(),
        leaving_at: None,
    });
    assert_eq!(account.email, "ada@example.org");
    let session: yesterday::SessionRecord = through_attributes(SessionRecord {
        version: SessionRecord::VERSION,
        hash: "h".into(),
        holder: Holder::Account { account: library() },
        created_at: Time(1),
        seen_at: Some(Time(1)),
        device: Device {
            browser: Some("Firefox".into()),
            system: None,
        },
        zone: Some("Europe/Berlin".into()),
        ends_at: Time(2),
        ttl: 3,
    });
    assert_eq!(session.account, library());
    let socket: yesterday::SocketRecord = through_attributes(SocketRecord {
        connection: "c".into(),
        channel: model::live::Channel::Library(library()),
        session: Some("h".into()),
        opened_at: Time(1),
        ttl: 2,
    });
    assert_eq!(socket.connection, "c");
}

#[test]
fn old_code_rejects_guest_sessions() {
    let guest = SessionRecord {
        version: SessionRecord::VERSION,
        hash: "h".into(),
        holder: Holder::Guest {
            album: "0190c9f0-5b1e-7c3a-8d2f-0000000000bb".parse().expect("an id"),
        },
        created_at: Time(1),
        seen_at: None,
        device: Device::default(),
        zone: None,
        ends_at: Time(2),
        ttl: 3,
    };
    let item: serde_dynamo::Item = serde_dynamo::to_item(guest).expect("an item");
    assert!(serde_dynamo::from_item::<_, yesterday::SessionRecord>(item).is_err());
}
