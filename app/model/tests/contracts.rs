//! Who reads and who writes are deployed one after the other: yesterday's events and messages are read by today's code,
//! and today's by yesterday's.
//!
//! `contracts/<what>/schema.json` is made from today's types; `SHOEBOX_WRITE_CONTRACTS=1` writes it. `contracts/<what>/v<N>`
//! is what version N was when it was published, and is never edited.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use model::events::{CATALOGUE, EVENT_VERSION, Event, NoticeWanted, SessionEnded};
use model::ids::{AccountId, PhotoId};
use model::live::{Channel, MESSAGE_VERSION, Message, Missed, News};
use model::notices::{Notice, NoticeKind, To};
use model::photos::{DateSource, Media, Photo, Reason, Receipt, Size, State, Step};
use model::time::Time;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn contracts(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts").join(of)
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder that are no schema.
fn examples(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.retain(|path| !path.ends_with("schema.json"));
    files.sort();
    assert!(!files.is_empty(), "{} has no examples", folder.display());
    files
}

/// A photo in every state it can be in.
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

fn news() -> Vec<News> {
    let changed = photos()
        .into_iter()
        .map(|photo| News::PhotoChanged { photo: Box::new(photo) });
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

/// What is written down of a contract is what the types say.
fn schema_is_written<T: schemars::JsonSchema>(of: &str) {
    let today = serde_json::to_value(schemars::schema_for!(T)).expect("a schema");
    let path = contracts(of).join("schema.json");
    if std::env::var_os("SHOEBOX_WRITE_CONTRACTS").is_some() {
        fs::create_dir_all(contracts(of)).expect("a folder");
        fs::write(&path, format!("{today:#}\n")).expect("written");
    }
    assert_eq!(
        read(&path),
        today,
        "{} is not today's: SHOEBOX_WRITE_CONTRACTS=1",
        path.display()
    );
}

/// What today's code writes is what readers of the published version expect.
fn yesterday_reads<T: serde::Serialize>(of: &str, version: u32, today: &[T]) {
    assert!(!today.is_empty(), "{of} is never told");
    let schema = read(&contracts(of).join(format!("v{version}/schema.json")));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for one in today {
        let written = serde_json::to_value(one).expect("json");
        if let Err(wrong) = validator.validate(&written) {
            panic!("{of}: readers of version {version} would stumble: {wrong}\n{written:#}");
        }
    }
}

/// What was written under any version is read whole by today's code.
fn today_reads<T: serde::de::DeserializeOwned + serde::Serialize>(of: &str, versions: std::ops::RangeInclusive<u32>) {
    for version in versions {
        for path in examples(&contracts(of).join(format!("v{version}"))) {
            let written = read(&path);
            let understood: T =
                serde_json::from_value(written.clone()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let again = serde_json::to_value(understood).expect("json");
            assert_eq!(again, written, "{} is not read whole", path.display());
        }
    }
}

/// An event of this kind as it is told, in all its forms.
fn holds_both_ways<T: schemars::JsonSchema + Serialize + DeserializeOwned>(detail_type: &str, version: u32, today: &[T]) {
    let of = format!("events/{detail_type}");
    schema_is_written::<T>(&of);
    yesterday_reads(&of, version, today);
    today_reads::<T>(&of, 1..=version);
}

/// A notice of each kind.
fn notices() -> Vec<NoticeWanted> {
    let account: AccountId = "0190c9f0-5b1e-7c3a-8d2f-0000000000aa".parse().expect("an id");
    let email = || "ada@example.org".to_owned();
    let all = [
        Notice::Invitation {
            invitation: "0190c9f0-5b1e-7c3a-8d2f-000000000002".into(),
            by: email(),
            ends_at: Time(1),
        },
        Notice::AlreadyHere,
        Notice::SignUpCode,
        Notice::PasswordCode,
        Notice::AddressCode {
            account: account.clone(),
        },
        Notice::AddressTaken,
        Notice::AddressChanged {
            to: email(),
            account: Some(account.clone()),
        },
        Notice::PasswordChanged,
        Notice::SecondStepChanged { on: true },
        Notice::RecoveryCodeUsed { left: 9 },
        Notice::CodesGuessed { second_step: true },
        Notice::PhoneCode {
            account: account.clone(),
        },
        Notice::PasskeyChanged { added: true },
        Notice::ExportReady { ends_at: Time(1) },
        Notice::AccountDeleted,
        Notice::ProviderChanged {
            provider: "Google".into(),
            added: true,
        },
        Notice::PhoneChanged { added: true },
        Notice::MailsStopped {
            kind: NoticeKind::Change,
        },
    ];
    let wanted = |(notice, to): (Notice, To)| NoticeWanted {
        version: NoticeWanted::VERSION,
        id: "0190c9f0-5b1e-7c3a-8d2f-000000000003".into(),
        to,
        notice,
    };
    let whom = [To::Account(account), To::Address { email: email() }];
    all.into_iter().zip(whom.into_iter().cycle()).map(wanted).collect()
}

#[test]
fn every_event_has_its_contract_both_ways() {
    for detail_type in CATALOGUE {
        match detail_type {
            SessionEnded::DETAIL_TYPE => {
                let ended = SessionEnded {
                    version: SessionEnded::VERSION,
                    session: "hash".into(),
                };
                holds_both_ways(detail_type, SessionEnded::VERSION, &[ended]);
            }
            NoticeWanted::DETAIL_TYPE => holds_both_ways(detail_type, NoticeWanted::VERSION, &notices()),
            _ => holds_both_ways(detail_type, EVENT_VERSION, &events(detail_type)),
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
fn socket_messages_have_their_contract_both_ways() {
    schema_is_written::<Message>("messages");
    yesterday_reads("messages", MESSAGE_VERSION, &messages());
    today_reads::<Message>("messages", 1..=MESSAGE_VERSION);
}

#[test]
fn what_was_missed_is_told_in_the_same_words() {
    let missed = Missed::Messages { messages: messages() };
    let written = serde_json::to_value(&missed).expect("json");
    for message in written["messages"].as_array().expect("messages") {
        assert!(
            messages()
                .iter()
                .any(|one| serde_json::to_value(one).expect("json") == *message)
        );
    }
}
