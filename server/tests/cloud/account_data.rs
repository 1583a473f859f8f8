//! Account deletion and export: rows that concurrent requests write during deletion, and file names in an export.

use crate::fixtures::{TestEnv, put};
use async_zip::ZipDateTime;
use model::accounts::ExportState;
use model::ids::PhotoId;
use model::live::Channel;
use model::photos::Shot;
use model::time::Time;
use serde_json::{Value, json};
use server::account_data::records::{ExportRecord, Upto};
use server::account_data::{HandlerContext, erase, exports, pack};
use server::accounts::Viewer;
use server::accounts::records::{AccountRecord, SessionRecord};
use server::albums::access::{OpenLibrary, open_library};
use server::aws::Cloud;
use server::aws::disposition::attachment;
use server::aws::settings::Setting;
use server::aws::table::{Condition, Key, Row};
use server::live::records::SocketRecord;
use server::now;
use server::photos::change::change;
use server::photos::name::of_download;
use std::collections::HashMap;
use std::time::Duration;

async fn context() -> HandlerContext {
    use Setting::{MediaBucket, OriginalsBucket, SocketEndpoint, Table, UserPool, UserPoolClient};
    let settings = [Table, OriginalsBucket, MediaBucket, UserPool, UserPoolClient, SocketEndpoint];
    let cloud = Cloud::open(&settings).await.expect("the settings");
    HandlerContext {
        table: cloud.table().unwrap(),
        originals: cloud.originals().unwrap(),
        media: cloud.media().unwrap(),
        exports: cloud.exports().unwrap(),
        identity: cloud.identity().unwrap(),
        sockets: cloud.sockets().unwrap(),
    }
}

async fn exists(env: &TestEnv, key: &Key) -> bool {
    env.table.get::<Value>(key).await.expect("a read").is_some()
}

#[tokio::test]
async fn a_session_found_while_erasing_an_account_is_deleted_with_its_copy() {
    let env = TestEnv::open().await;
    // As if it began after all sessions were ended.
    let ada = env.new_viewer("ada").await;
    let signed_in = ada.signed_in().expect("a session");
    let (account, session) = (&signed_in.account.id, &signed_in.session);
    for _ in 0..2 {
        erase::erase_account_rows(&context().await, account).await.expect("erased");
        assert!(!exists(&env, &SessionRecord::key(&session.hash)).await);
        assert!(!exists(&env, &SessionRecord::listed_key(account, session.created_at, &session.hash)).await);
        assert!(!exists(&env, &AccountRecord::key(account)).await);
    }
}

#[tokio::test]
async fn a_socket_found_in_a_channel_is_deleted_with_all_its_copies() {
    let env = TestEnv::open().await;
    let (library, session) = env.library_and_session("ada").await;
    let socket = SocketRecord {
        connection: uuid::Uuid::now_v7().to_string(),
        channel: Channel::Library(library.account().clone()),
        session: Some(session),
        opened_at: server::now(),
        ttl: server::now().plus_seconds(60).seconds(),
    };
    for key in socket.keys() {
        let row = Row {
            key,
            item: &socket,
            condition: Condition::Absent,
        };
        assert!(env.table.put(row).await.expect("a write").is_written());
    }
    for _ in 0..2 {
        erase::erase_channel(&env.table, &context().await.sockets, library.account())
            .await
            .expect("erased");
        for key in socket.keys() {
            assert!(!exists(&env, &key).await, "{key:?}");
        }
    }
}

/// Uploads a file that is not a photo, which is exported like one, and sets its date.
async fn upload_dated(env: &TestEnv, library: &OpenLibrary, name: &str, taken_at: i64, zone: Option<i16>) -> PhotoId {
    let bytes = format!("no photo: {}", uuid::Uuid::now_v7());
    let id = env.upload_bytes(library, name, bytes.as_bytes()).await;
    env.processed(library, &id).await;
    let changed = change(&env.table, &id, |photo, _| {
        photo.taken_at = Time(taken_at);
        photo.shot = zone.map(|zone| Shot {
            zone: Some(zone),
            ..Shot::default()
        });
        photo.update_index_keys();
        true
    });
    changed.await.expect("dated").expect("the photo").id
}

/// Contents of a zip file.
struct Unpacked {
    /// Paths and dates, in order.
    files: Vec<(String, ZipDateTime)>,
    /// Paths by photo ID, from `photos.json`.
    listed: HashMap<String, Value>,
}

/// Makes an export and downloads its only part.
async fn exported(env: &TestEnv, viewer: &Viewer) -> Unpacked {
    let account = &viewer.signed_in().expect("a session").account.id;
    let record = ExportRecord {
        version: ExportRecord::VERSION,
        revision: 1,
        id: uuid::Uuid::now_v7().to_string(),
        state: ExportState::Making,
        began_at: Time(1_700_000_000_000),
        ends_at: now().plus_seconds(3600),
        parts: vec![],
        upto: Upto::Timeline { before: None },
        ttl: now().plus_seconds(3600).seconds(),
    };
    let row = Row {
        key: ExportRecord::key(account),
        item: &record,
        condition: Condition::Anything,
    };
    assert!(env.table.put(row).await.expect("a write").is_written());
    let context = context().await;
    pack::pack(&context, account, &record.id).await.expect("packed");
    let address = exports::part(&context.table, &context.exports, viewer, 1)
        .await
        .expect("an address");
    let mut response = ureq::get(&address).call().expect("the zip");
    unpack(response.body_mut().read_to_vec().expect("bytes")).await
}

#[expect(deprecated, reason = "its replacement needs a stream type of another crate")]
async fn unpack(zip: Vec<u8>) -> Unpacked {
    let zip = async_zip::base::read::mem::ZipFileReader::new(zip).await.expect("a zip");
    let entries = zip.file().entries();
    let files = entries.iter().map(|entry| {
        (
            entry.filename().as_str().expect("UTF-8").to_owned(),
            *entry.last_modification_date(),
        )
    });
    let files: Vec<_> = files.collect();
    let list = files.iter().position(|(path, _)| path == "photos.json").expect("the list");
    let mut text = String::new();
    let mut list = zip.reader_with_entry(list).await.expect("the list");
    list.read_to_string_checked(&mut text).await.expect("text");
    let photos: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let listed = photos
        .into_iter()
        .map(|photo| (photo["id"].as_str().expect("an id").to_owned(), photo["file"].clone()));
    Unpacked {
        listed: listed.collect(),
        files,
    }
}

/// Names of photos, newest first, and their names in a zip.
const NAMES: [(&str, &str); 18] = [
    ("IMG_0001.jpg", "IMG_0001.jpg"),
    ("img_0001.JPG", "img_0001 (2).JPG"),
    ("IMG_0001.jpg", "IMG_0001 (3).jpg"),
    ("Caf\u{e9} au lait.jpg", "Caf\u{e9} au lait.jpg"),
    ("Cafe\u{301} au lait.jpg", "Cafe\u{301} au lait (2).jpg"),
    ("\u{130}STANBUL.jpg", "\u{130}STANBUL.jpg"),
    ("i\u{307}stanbul.jpg", "i\u{307}stanbul (2).jpg"),
    ("STRASSE.jpg", "STRASSE.jpg"),
    ("Straße.jpg", "Straße (2).jpg"),
    ("rechnung\u{202e}gpj.exe", "rechnung_gpj.exe"),
    ("line\nbreak\ttab.jpg", "line_break_tab.jpg"),
    ("a%2F..%2Fb%00.jpg", "a%2F..%2Fb%00.jpg"),
    ("../../q?\"x\".jpg", ".._.._q__x_.jpg"),
    (" CON.jpg", "_CON.jpg"),
    ("ends with dot.jpg.", "ends with dot.jpg"),
    ("no-extension", "no-extension.jpg"),
    ("is-a-jpeg.heic", "is-a-jpeg.heic"),
    ("صورة العائلة ١.jpg", "صورة العائلة ١.jpg"),
];

#[tokio::test]
async fn exported_files_have_unique_names_that_are_valid_on_every_system() {
    let env = TestEnv::open().await;
    let viewer = env.new_viewer("ada").await;
    let ada = open_library(&viewer).expect("a library");
    // The last second of 2023 in UTC, which is in 2024 at UTC+1.
    let newest = 1_704_067_199_000;
    let mut expected = HashMap::new();
    for (at, (name, path)) in (0..).zip(NAMES) {
        let id = upload_dated(&env, &ada, name, newest - at * 60_000, Some(60)).await;
        assert_eq!(env.photo(&ada, &id).await.name, name, "the stored name is unchanged");
        expected.insert(id.to_string(), json!(format!("photos/2024/{path}")));
    }
    // Without a zone, the same second is in 2023. Dates in zips begin in 1980.
    for (name, taken_at, path) in [
        ("IMG_0001.jpg", newest, "photos/2023/IMG_0001.jpg"),
        ("slide.jpg", -1, "photos/1969/slide.jpg"),
    ] {
        let id = upload_dated(&env, &ada, name, taken_at, None).await;
        expected.insert(id.to_string(), json!(path));
    }
    let first = exported(&env, &viewer).await;
    assert_eq!(first.listed, expected);
    let dates: HashMap<&str, _> = first.files.iter().map(|(path, date)| (path.as_str(), date)).collect();
    assert_eq!(dates.len(), NAMES.len() + 4, "unique, with two lists");
    let timestamp = |path: &str| {
        let date = dates[path];
        [date.month(), date.day(), date.hour(), date.minute(), date.second()]
    };
    assert_eq!(timestamp("photos/2024/IMG_0001.jpg"), [1, 1, 0, 59, 58]);
    assert_eq!(timestamp("photos/2023/IMG_0001.jpg"), [12, 31, 23, 59, 58]);
    assert_eq!(
        (dates["photos/1969/slide.jpg"].year(), timestamp("photos/1969/slide.jpg")),
        (1980, [1, 1, 0, 0, 0])
    );
    let second = exported(&env, &viewer).await;
    assert_eq!(
        (second.files, second.listed),
        (first.files, first.listed),
        "exports are reproducible"
    );
}

#[tokio::test]
async fn an_original_is_downloaded_with_its_name_and_an_extension() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    for (name, expected) in [
        ("no-extension", "no-extension.jpg"),
        ("rechnung\u{202e}\"gpj\".exe", "rechnung\u{202e}\"gpj\".exe"),
    ] {
        let bytes = uuid::Uuid::now_v7().to_string();
        let (photo, presigned) = env.grant(&ada, name, bytes.as_bytes()).await;
        assert_eq!(put(&presigned, bytes.as_bytes()), 200);
        let (key, file_name) = (photo.original_key(), of_download(&photo));
        assert_eq!(file_name, expected);
        let address = env.originals.presign_download(&key, &file_name, Duration::from_secs(60));
        let response = ureq::get(&address.await.expect("an address")).call().expect("the original");
        let disposition = response.headers().get("content-disposition").map(|value| value.to_str().ok());
        assert_eq!(disposition, Some(Some(attachment(expected).as_str())));
    }
}
