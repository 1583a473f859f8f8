//! Compatibility of events and messages in both directions: publishers and consumers are not deployed at the same time.
//!
//! `contracts/<name>/schema.json` is generated from the current types; `SHOEBOX_WRITE_CONTRACTS=1` writes it. `contracts/<name>/v<N>`
//! records version N as it was published, and is never edited.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use model::events::{CATALOGUE, EVENT_VERSION, Event, NoticeWanted, SessionEnded};
use model::ids::{AccountId, PhotoId};
use model::live::{Channel, LiveUpdate, MESSAGE_VERSION, Message, Missed};
use model::notifications::{Notification, NotificationKind, To};
use model::photos::{DateSource, Media, Photo, Reason, Receipt, Size, State, Step};
use model::time::Time;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn folder_of(contract: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts").join(contract)
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The example files of a folder.
fn examples(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.retain(|path| !path.ends_with("schema.json"));
    files.sort();
    assert!(!files.is_empty(), "{} has no examples", folder.display());
    files
}

/// A photo in each state.
fn photos() -> Vec<Photo> {
    let id: PhotoId = "0190c9f0-5b1e-7c3a-8d2f-000000000001".parse().expect("an id");
    let reasons = [
        Reason::Empty,
        Reason::NotAPhoto { picture: false },
        Reason::NotAPhoto { picture: true },
        Reason::Damaged,
        Reason::TooManyPixels {
            width: 50_000,
            height: 50_000,
        },
        Reason::WrongChecksum,
        Reason::NotDelivered,
        Reason::OurFault,
    ];
    let states = [
        State::Expected,
        State::Received,
        State::Developing { done: 1, of: 2 },
        State::Ready,
    ];
    let refusals = reasons.map(|reason| State::Refused { reason });
    let photo = |state: State| Photo {
        id: id.clone(),
        library: "0190c9f0-5b1e-7c3a-8d2f-0000000000aa".parse().expect("an id"),
        name: "beach.jpg".into(),
        bytes: 5,
        sha256: "hash".into(),
        receipt: Some(Receipt {
            sha256: "hash".into(),
            store: Some("hash-2".into()),
            at: Time(1),
        }),
        state: state.clone(),
        history: vec![Step { state, at: Time(1) }],
        size: Some(Size { width: 4, height: 3 }),
        thumbhash: Some("AA==".into()),
        taken_at: Time(-1),
        date_source: DateSource::FileName,
        revision: 3,
        caption: Some("A day at the sea".into()),
        favourite: true,
        turned: 1,
        archived_at: Some(Time(2)),
        trashed_at: Some(Time(2)),
        shot: None,
        media: Some(Media {
            animated: false,
            folder: format!("{id}/r/1"),
            widths: vec![320],
            formats: vec!["webp".into()],
            proof: "k=1".into(),
        }),
    };
    states.into_iter().chain(refusals).map(photo).collect()
}

fn news() -> Vec<LiveUpdate> {
    let changed = photos()
        .into_iter()
        .map(|photo| LiveUpdate::PhotoChanged { photo: Box::new(photo) });
    changed.collect()
}

fn channel() -> Channel {
    Channel::Library("0190c9f0-5b1e-7c3a-8d2f-0000000000aa".parse().expect("an id"))
}

fn events(detail_type: &str) -> Vec<Event> {
    let all = news().into_iter().map(|news| Event {
        version: EVENT_VERSION,
        channel: channel(),
        number: 7,
        at: Time(3),
        news,
    });
    all.filter(|event| event.detail_type() == detail_type).collect()
}

fn messages() -> Vec<Message> {
    let all = news().into_iter().map(|news| Message {
        version: MESSAGE_VERSION,
        channel: channel(),
        number: 7,
        news,
    });
    all.collect()
}

/// The recorded schema matches the types.
fn assert_schema<T: schemars::JsonSchema>(contract: &str) {
    let current = serde_json::to_value(schemars::schema_for!(T)).expect("a schema");
    let path = folder_of(contract).join("schema.json");
    if std::env::var_os("SHOEBOX_WRITE_CONTRACTS").is_some() {
        fs::create_dir_all(folder_of(contract)).expect("a folder");
        fs::write(&path, format!("{current:#}\n")).expect("written");
    }
    assert_eq!(
        read(&path),
        current,
        "{} is outdated: SHOEBOX_WRITE_CONTRACTS=1",
        path.display()
    );
}

/// Current values conform to the schema of the published version.
fn assert_backward_compatible<T: serde::Serialize>(contract: &str, version: u32, values: &[T]) {
    assert!(!values.is_empty(), "{contract} has no values");
    let schema = read(&folder_of(contract).join(format!("v{version}/schema.json")));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for value in values {
        let json = serde_json::to_value(value).expect("json");
        if let Err(error) = validator.validate(&json) {
            panic!("{contract}: not readable as version {version}: {error}\n{json:#}");
        }
    }
}

/// Examples of all versions are parsed without loss by the current code.
fn assert_examples_are_parsed<T: serde::de::DeserializeOwned + serde::Serialize>(
    contract: &str,
    versions: std::ops::RangeInclusive<u32>,
) {
    for version in versions {
        for path in examples(&folder_of(contract).join(format!("v{version}"))) {
            let example = read(&path);
            let parsed: T = serde_json::from_value(example.clone()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let json = serde_json::to_value(parsed).expect("json");
            assert_eq!(json, example, "{} loses data", path.display());
        }
    }
}

/// An event is compatible in both directions.
fn assert_event_contract<T: schemars::JsonSchema + Serialize + DeserializeOwned>(detail_type: &str, version: u32, values: &[T]) {
    let contract = format!("events/{detail_type}");
    assert_schema::<T>(&contract);
    assert_backward_compatible(&contract, version, values);
    assert_examples_are_parsed::<T>(&contract, 1..=version);
}

/// A notification of each kind.
fn notifications() -> Vec<NoticeWanted> {
    let account: AccountId = "0190c9f0-5b1e-7c3a-8d2f-0000000000aa".parse().expect("an id");
    let email = || "ada@example.org".to_owned();
    let all = [
        Notification::Invitation {
            invitation: "0190c9f0-5b1e-7c3a-8d2f-000000000002".into(),
            by: email(),
            ends_at: Time(1),
        },
        Notification::AlreadyHere,
        Notification::SignUpCode,
        Notification::PasswordCode,
        Notification::AddressCode {
            account: account.clone(),
        },
        Notification::AddressTaken,
        Notification::AddressChanged {
            to: email(),
            account: Some(account.clone()),
        },
        Notification::PasswordChanged,
        Notification::SecondStepChanged { on: true },
        Notification::RecoveryCodeUsed { left: 9 },
        Notification::CodesGuessed { second_step: true },
        Notification::PhoneCode {
            account: account.clone(),
        },
        Notification::PasskeyChanged { added: true },
        Notification::ExportReady { ends_at: Time(1) },
        Notification::AccountDeleted,
        Notification::ProviderChanged {
            provider: "Google".into(),
            added: true,
        },
        Notification::PhoneChanged { added: true },
        Notification::MailsStopped {
            kind: NotificationKind::Change,
        },
    ];
    let wanted = |(notification, to): (Notification, To)| NoticeWanted {
        version: NoticeWanted::VERSION,
        id: "0190c9f0-5b1e-7c3a-8d2f-000000000003".into(),
        to,
        notice: notification,
    };
    let recipients = [To::Account(account), To::Address { email: email() }];
    all.into_iter().zip(recipients.into_iter().cycle()).map(wanted).collect()
}

#[test]
fn events_are_compatible_in_both_directions() {
    for detail_type in CATALOGUE {
        match detail_type {
            SessionEnded::DETAIL_TYPE => {
                let ended = SessionEnded {
                    version: SessionEnded::VERSION,
                    session: "hash".into(),
                };
                assert_event_contract(detail_type, SessionEnded::VERSION, &[ended]);
            }
            NoticeWanted::DETAIL_TYPE => assert_event_contract(detail_type, NoticeWanted::VERSION, &notifications()),
            _ => assert_event_contract(detail_type, EVENT_VERSION, &events(detail_type)),
        }
    }
    for event in news() {
        let detail_type = Event {
            version: EVENT_VERSION,
            channel: channel(),
            number: 1,
            at: Time(0),
            news: event,
        }
        .detail_type();
        assert!(CATALOGUE.contains(&detail_type), "{detail_type} is not in the catalogue");
    }
}

#[test]
fn socket_messages_are_compatible_in_both_directions() {
    assert_schema::<Message>("messages");
    assert_backward_compatible("messages", MESSAGE_VERSION, &messages());
    assert_examples_are_parsed::<Message>("messages", 1..=MESSAGE_VERSION);
}

#[test]
fn missed_messages_have_the_same_format() {
    let missed = Missed::Messages { messages: messages() };
    let json = serde_json::to_value(&missed).expect("json");
    for message in json["messages"].as_array().expect("messages") {
        assert!(
            messages()
                .iter()
                .any(|one| serde_json::to_value(one).expect("json") == *message)
        );
    }
}
