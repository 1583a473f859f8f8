//! Functions are deployed one after the other, and rows outlive them all: yesterday's rows are read by today's code, and
//! today's by yesterday's.
//!
//! `contracts/rows` keeps a row of each version as it was written, never edited. `yesterday` keeps the shapes that read them.

#![allow(clippy::expect_used, clippy::unwrap_used)]

#[path = "contracts/yesterday.rs"]
mod yesterday;

use model::accounts::{Device, Group};
use model::ids::{AccountId, PhotoId};
use model::notices::{Notice, NoticeKind, To};
use model::photos::{DateSource, Modified, Receipt, Size, State, Step};
use model::time::Time;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use server::accounts::codes::CodeRecord;
use server::accounts::federated::ErrandRecord;
use server::accounts::identities::IdentityRecord;
use server::accounts::passkeys::{CeremonyRecord, MakingRecord, PasskeyRecord};
use server::accounts::records::{
    AccountRecord, AdmissionRecord, Holder, InvitationRecord, RecoveryRecord, SessionRecord, SetupRecord, SiteRecord, StepRecord,
};
use server::aws::table::Key;
use server::encrypted::{Cipher, Encrypted};
use server::leaving::records::{ExportRecord, LeavingRecord, LeftoverRecord, Upto};
use server::live::records::{CounterRecord, MessageRecord, SocketRecord, TicketRecord};
use server::notices::records::{NoticeRecord, PhoneRecord, StoppedRecord};
use server::photos::claim::ClaimRecord;
use server::photos::records::{FavouriteRecord, PhotoRecord};
use std::path::Path;

fn row(name: &str, version: u32) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/contracts/rows/{name}.v{version}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// As the table gives it: by its attributes, not as JSON.
fn through_the_table<T: DeserializeOwned>(row: impl Serialize) -> T {
    let item: serde_dynamo::Item = serde_dynamo::to_item(row).expect("an item");
    serde_dynamo::from_item(item).expect("a row that is understood")
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
    photo.take_place();
    photo
}

#[test]
fn todays_code_reads_yesterdays_rows() {
    let photo: PhotoRecord = through_the_table(row("photo", 1));
    assert_eq!(
        (photo.state, photo.history.len(), photo.trashed_at, photo.due_pk),
        (State::Ready, 6, None, None)
    );
    let photo: PhotoRecord = through_the_table(row("photo", 4));
    assert_eq!(
        (photo.preview, photo.receipt.map(|receipt| receipt.sha256)),
        (true, Some(photo.sha256))
    );
    let photo: PhotoRecord = through_the_table(row("photo", 5));
    assert_eq!(
        (photo.animated, photo.lacking.len(), photo.shot.and_then(|shot| shot.iso)),
        (true, 1, Some(100))
    );
    let photo: PhotoRecord = through_the_table(row("photo", 6));
    assert_eq!(
        (photo.favourite, photo.turned, photo.caption.as_deref()),
        (true, 1, Some("Two dogs"))
    );
    assert_eq!(photo.photo().date_source, DateSource::Metadata);
    let photo: PhotoRecord = through_the_table(row("photo", 7));
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
    let favourite: FavouriteRecord = through_the_table(row("favourite", 1));
    assert_eq!(favourite.photo, photo.id);
    let claim: ClaimRecord = through_the_table(row("claim", 1));
    assert_eq!(claim.photo, photo.id);
    let account: AccountRecord = through_the_table(row("account", 1));
    assert_eq!((account.version, account.groups.len()), (1, 0));
    let session: SessionRecord = through_the_table(row("session", 1));
    assert_eq!(session.holder, Holder::Account { account: library() });
    let socket: SocketRecord = through_the_table(row("socket", 1));
    assert_eq!(socket.opened_at, Time(0));
    let ticket: TicketRecord = through_the_table(row("ticket", 1));
    assert_eq!(ticket.ends_at, Time(1_763_900_030_000));
    let message: MessageRecord = through_the_table(row("message", 1));
    assert_eq!(message.event.number, 7);
    let account: AccountRecord = through_the_table(row("account", 3));
    assert_eq!(account.groups, [Group::Owner, Group::Operator].into());
    let person: AccountRecord = through_the_table(row("person", 3));
    assert_eq!(person.id, library());
    let session: SessionRecord = through_the_table(row("session", 3));
    assert_eq!(
        (session.seen_at, session.device.browser),
        (Some(Time(1_763_900_300_000)), Some("Firefox".into()))
    );
    let recovery: RecoveryRecord = through_the_table(row("recovery", 1));
    assert_eq!((recovery.revision, recovery.hashes.len()), (2, 2));
    let notice: NoticeRecord = through_the_table(row("notice", 1));
    assert_eq!(notice.to, To::Account(library()));
    let code: CodeRecord = through_the_table(row("code", 1));
    assert_eq!((code.tries, code.proves), (1, "cleo@example.org".into()));
    let notice: NoticeRecord = through_the_table(row("notice", 2));
    assert_eq!(notice.notice.kind(), NoticeKind::Code);
    let notice: NoticeRecord = through_the_table(row("notice", 3));
    assert_eq!(notice.notice.kind(), NoticeKind::Answer);
    let notice: NoticeRecord = through_the_table(row("notice", 4));
    let entry = NoticeKind::Entry;
    assert_eq!(notice.notice, Notice::MailsStopped { kind: entry });
    let notice: NoticeRecord = through_the_table(row("notice", 5));
    assert_eq!(notice.notice, Notice::CodesGuessed { second_step: true });
    let notice: NoticeRecord = through_the_table(row("notice", 6));
    assert_eq!(notice.notice, Notice::PasswordCode);
    let account: AccountRecord = through_the_table(row("account", 4));
    assert_eq!(account.leaving_at, Some(Time(1_763_900_600_000)));
    assert_eq!(account.revision, 0, "it was not counted");
    let account: AccountRecord = through_the_table(row("account", 5));
    assert_eq!((account.version, account.revision), (5, 3));
    let passkey: PasskeyRecord = through_the_table(row("passkey", 1));
    assert_eq!(passkey.device.browser.as_deref(), Some("Firefox"));
    let leaving: LeavingRecord = through_the_table(row("leaving", 1));
    assert_eq!(leaving.account, library());
    let leftover: LeftoverRecord = through_the_table(row("leftover", 1));
    assert!(leftover.of.starts_with("PHOTO#"));
    let export: ExportRecord = through_the_table(row("export", 1));
    assert!(matches!(export.upto, Upto::Timeline { before: Some(_) }));
    assert_eq!(export.export().parts[0].photos, 512);
    let phone: PhoneRecord = through_the_table(row("phone", 1));
    assert_eq!(
        (phone.number, phone.kinds),
        ("+442079460000".into(), [NoticeKind::Change].into())
    );
    through_the_table::<StoppedRecord>(row("stopped", 1));
    let identity: IdentityRecord = through_the_table(row("identity", 1));
    assert_eq!((identity.provider.as_str(), identity.account), ("Google", library()));
    let identity: IdentityRecord = through_the_table(row("identity", 2));
    assert_eq!(identity.username.as_deref(), Some("Google_117"));
    through_the_table::<InvitationRecord>(row("invitation", 1));
    through_the_table::<CounterRecord>(row("counter", 1));
    through_the_table::<AdmissionRecord>(row("admission", 1));
    through_the_table::<SiteRecord>(row("site", 1));
}

#[test]
fn secrets_that_were_in_plain_text_are_not_read() {
    let (cipher, hash) = (Cipher::of("test"), server::secrets::hashed("test"));
    let is_read = |key: Key, encrypted: &Encrypted| cipher.decrypt::<Value>(&key, encrypted).is_some();
    let setup: SetupRecord = through_the_table(row("setup", 1));
    assert!(!is_read(SetupRecord::key(&hash), &setup.setup));
    let making: MakingRecord = through_the_table(row("making", 1));
    assert!(!is_read(MakingRecord::key(&hash), &making.token));
    let step: StepRecord = through_the_table(row("step", 1));
    assert!(!is_read(StepRecord::key(&hash), &step.challenge));
    let ceremony: CeremonyRecord = through_the_table(row("ceremony", 1));
    assert!(!is_read(CeremonyRecord::key(&hash), &ceremony.session));
    let errand: ErrandRecord = through_the_table(row("errand", 1));
    assert!(!is_read(ErrandRecord::key(&hash), &errand.checks));
}

#[test]
fn yesterdays_code_reads_todays_rows() {
    let photo: yesterday::PhotoRecord = through_the_table(photo());
    assert_eq!((photo.version, photo.revision), (7, 3));
    let account: yesterday::AccountRecord = through_the_table(AccountRecord {
        version: AccountRecord::VERSION,
        revision: 1,
        id: library(),
        email: "ada@example.org".into(),
        created_at: Time(1),
        groups: [Group::Owner].into(),
        leaving_at: None,
    });
    assert_eq!(account.email, "ada@example.org");
    let session: yesterday::SessionRecord = through_the_table(SessionRecord {
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
    let socket: yesterday::SocketRecord = through_the_table(SocketRecord {
        connection: "c".into(),
        channel: model::live::Channel::Library(library()),
        session: Some("h".into()),
        opened_at: Time(1),
        ttl: 2,
    });
    assert_eq!(socket.connection, "c");
}

#[test]
fn yesterdays_code_takes_a_guest_for_nobody() {
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
