//! The room `leaving`, in the local cloud: what a request that was under way wrote while an account was being erased, and what
//! files are called in an export.

use crate::cast::{TestEnv, put};
use async_zip::ZipDateTime;
use model::accounts::ExportState;
use model::ids::PhotoId;
use model::live::Channel;
use model::photos::Shot;
use model::time::Time;
use serde_json::{Value, json};
use server::accounts::Viewer;
use server::accounts::records::{AccountRecord, SessionRecord};
use server::albums::access::{OpenLibrary, open_library};
use server::aws::Cloud;
use server::aws::disposition::attachment;
use server::aws::settings::Setting;
use server::aws::table::{Given, Key, Row};
use server::leaving::records::{ExportRecord, Upto};
use server::leaving::{Here, erase, exports, pack};
use server::live::records::SocketRecord;
use server::now;
use server::photos::change::change;
use server::photos::name::of_download;
use std::collections::HashMap;
use std::time::Duration;

async fn here() -> Here {
    use Setting::{MediaBucket, OriginalsBucket, SocketEndpoint, Table, UserPool, UserPoolClient};
    let wanted = [Table, OriginalsBucket, MediaBucket, UserPool, UserPoolClient, SocketEndpoint];
    let cloud = Cloud::open(&wanted).await.expect("the settings");
    Here {
        table: cloud.table().unwrap(),
        originals: cloud.originals().unwrap(),
        media: cloud.media().unwrap(),
        exports: cloud.exports().unwrap(),
        identity: cloud.identity().unwrap(),
        sockets: cloud.sockets().unwrap(),
    }
}

async fn is_there(env: &TestEnv, key: &Key) -> bool {
    env.table.get::<Value>(key).await.expect("a read").is_some()
}

#[tokio::test]
async fn a_session_that_is_found_with_an_accounts_rows_ends_in_both_of_its_places() {
    let env = TestEnv::open().await;
    // As it is when all sessions were ended and one began after that.
    let ada = env.new_viewer("ada").await;
    let signed_in = ada.signed_in().expect("a session");
    let (account, session) = (&signed_in.account.id, &signed_in.session);
    for _ in 0..2 {
        erase::erase_account_rows(&here().await, account).await.expect("erased");
        assert!(!is_there(&env, &SessionRecord::key(&session.hash)).await);
        assert!(!is_there(&env, &SessionRecord::listed_key(account, session.created_at, &session.hash)).await);
        assert!(!is_there(&env, &AccountRecord::key(account)).await);
    }
}

#[tokio::test]
async fn a_socket_that_is_found_in_a_channel_is_deleted_from_all_of_its_places() {
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
            given: Given::Absent,
        };
        assert!(env.table.put(row).await.expect("a write"));
    }
    for _ in 0..2 {
        erase::erase_channel(&env.table, &here().await.sockets, library.account())
            .await
            .expect("erased");
        for key in socket.keys() {
            assert!(!is_there(&env, &key).await, "{key:?}");
        }
    }
}

/// Uploads a file that is no photo, which is exported like one, and dates it.
async fn keep(env: &TestEnv, library: &OpenLibrary, name: &str, taken_at: i64, zone: Option<i16>) -> PhotoId {
    let bytes = format!("no photo: {}", uuid::Uuid::now_v7());
    let id = env.upload_bytes(library, name, bytes.as_bytes()).await;
    env.processed(library, &id).await;
    let dated = change(&env.table, &id, |photo, _| {
        photo.taken_at = Time(taken_at);
        photo.shot = zone.map(|zone| Shot {
            zone: Some(zone),
            ..Shot::default()
        });
        photo.take_place();
        true
    });
    dated.await.expect("dated").expect("the photo").id
}

/// What is in a zip: paths and dates, in their order.
struct Unpacked {
    files: Vec<(String, ZipDateTime)>,
    /// By photo, its path in the list of photos.
    listed: HashMap<String, Value>,
}

/// Makes an export and fetches its one part.
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
        given: Given::Anything,
    };
    assert!(env.table.put(row).await.expect("a write"));
    let here = here().await;
    pack::pack(&here, account, &record.id).await.expect("packed");
    let address = exports::part(&here.table, &here.exports, viewer, 1)
        .await
        .expect("an address");
    let mut answer = ureq::get(&address).call().expect("the zip");
    unpack(answer.body_mut().read_to_vec().expect("bytes")).await
}

#[expect(deprecated, reason = "what replaces it reads from a stream of another crate")]
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

/// Names as they come, newest photo first, and what they are in a zip.
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
async fn an_export_has_each_file_once_by_a_name_that_every_system_takes() {
    let env = TestEnv::open().await;
    let viewer = env.new_viewer("ada").await;
    let ada = open_library(&viewer).expect("a library");
    // The last second of 2023, in UTC: where the photos were taken it is 2024.
    let newest = 1_704_067_199_000;
    let mut expected = HashMap::new();
    for (at, (name, path)) in (0..).zip(NAMES) {
        let id = keep(&env, &ada, name, newest - at * 60_000, Some(60)).await;
        assert_eq!(env.photo(&ada, &id).await.name, name, "it is kept as it was");
        expected.insert(id.to_string(), json!(format!("photos/2024/{path}")));
    }
    // The same second at home is 2023. Before 1980 there are no dates in zips.
    for (name, taken_at, path) in [
        ("IMG_0001.jpg", newest, "photos/2023/IMG_0001.jpg"),
        ("slide.jpg", -1, "photos/1969/slide.jpg"),
    ] {
        let id = keep(&env, &ada, name, taken_at, None).await;
        expected.insert(id.to_string(), json!(path));
    }
    let first = exported(&env, &viewer).await;
    assert_eq!(first.listed, expected);
    let dates: HashMap<&str, _> = first.files.iter().map(|(path, date)| (path.as_str(), date)).collect();
    assert_eq!(dates.len(), NAMES.len() + 4, "with two lists, and none twice");
    let told = |path: &str| {
        let date = dates[path];
        [date.month(), date.day(), date.hour(), date.minute(), date.second()]
    };
    assert_eq!(told("photos/2024/IMG_0001.jpg"), [1, 1, 0, 59, 58]);
    assert_eq!(told("photos/2023/IMG_0001.jpg"), [12, 31, 23, 59, 58]);
    assert_eq!(
        (dates["photos/1969/slide.jpg"].year(), told("photos/1969/slide.jpg")),
        (1980, [1, 1, 0, 0, 0])
    );
    let second = exported(&env, &viewer).await;
    assert_eq!(
        (second.files, second.listed),
        (first.files, first.listed),
        "it is the same again"
    );
}

#[tokio::test]
async fn an_original_is_saved_by_its_name_with_an_extension() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    for (name, saved) in [
        ("no-extension", "no-extension.jpg"),
        ("rechnung\u{202e}\"gpj\".exe", "rechnung\u{202e}\"gpj\".exe"),
    ] {
        let bytes = uuid::Uuid::now_v7().to_string();
        let (photo, presigned) = env.grant(&ada, name, bytes.as_bytes()).await;
        assert_eq!(put(&presigned, bytes.as_bytes()), 200);
        let (key, called) = (photo.original_key(), of_download(&photo));
        assert_eq!(called, saved);
        let address = env.originals.presign_download(&key, &called, Duration::from_secs(60));
        let answer = ureq::get(&address.await.expect("an address")).call().expect("the original");
        let told = answer.headers().get("content-disposition").map(|told| told.to_str().ok());
        assert_eq!(told, Some(Some(attachment(saved).as_str())));
    }
}
