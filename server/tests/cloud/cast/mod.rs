//! Fixtures and helpers for tests against the local cloud, which `make test` starts and passes in environment variables.

pub mod front;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imaging::Format;
use model::accounts::Group;
use model::ids::{AccountId, PhotoId};
use model::photos::{Put, State, Wanted};
use model::user_error::UserError;
use server::accounts::device_cookie::DeviceCookie;
use server::accounts::email::Email;
use server::accounts::records::{AccountRecord, Holder};
use server::accounts::session::{self, Secret};
use server::accounts::{Client, Viewer};
use server::albums::access::{OpenLibrary, open_library};
use server::aws::Cloud;
use server::aws::identity::Identity;
use server::aws::originals::Originals;
use server::aws::settings::Setting;
use server::aws::table::{Condition, Row, Table};
use server::aws::workflow::Workflow;
use server::error::AppError;
use server::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use server::photos::records::PhotoRecord;
use server::photos::{timeline, upload};
use server::secrets;
use server::signing_keys::DeviceSigner;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Timeout of everything that tests wait for.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Handles on the local cloud.
pub struct TestEnv {
    pub cloud: Cloud,
    pub table: Table,
    pub originals: Originals,
    pub workflow: Workflow,
}

impl TestEnv {
    pub async fn open() -> Self {
        use Setting::{Bus, MediaBucket, OriginalsBucket, SiteAddress, SocketAddress, Table, Workflow};
        let cloud = Cloud::open(&[Table, OriginalsBucket, MediaBucket, Workflow, Bus, SocketAddress, SiteAddress])
            .await
            .expect("the settings");
        Self {
            table: cloud.table().expect("the table"),
            originals: cloud.originals().expect("the originals"),
            workflow: cloud.workflow().expect("the workflow"),
            cloud,
        }
    }

    /// A session of a new account.
    pub async fn session(&self, name: &str) -> Secret {
        self.session_in(name, BTreeSet::new()).await
    }

    /// A session of a new account in these groups.
    pub async fn session_in(&self, name: &str, groups: BTreeSet<Group>) -> Secret {
        let id: AccountId = uuid::Uuid::now_v7().to_string().parse().expect("an id");
        self.session_of(id, format!("{name}@example.org"), groups).await
    }

    /// A session of a new account in these groups, for an existing user of the user pool.
    pub async fn session_of_user(&self, identity: &Identity, email: &Email, groups: BTreeSet<Group>) -> Secret {
        let id = identity.user(email.as_str()).await.expect("the user").id;
        self.session_of(id, email.as_str().to_owned(), groups).await
    }

    async fn session_of(&self, id: AccountId, email: String, groups: BTreeSet<Group>) -> Secret {
        let account = AccountRecord {
            version: AccountRecord::VERSION,
            revision: 1,
            id,
            email,
            created_at: server::now(),
            groups,
            leaving_at: None,
        };
        let row = Row {
            key: AccountRecord::key(&account.id),
            item: &account,
            condition: Condition::Absent,
        };
        assert!(self.table.put(row).await.expect("an account").is_written());
        let holder = Holder::Account { account: account.id };
        self.begin_session(holder).await
    }

    async fn begin_session(&self, holder: Holder) -> Secret {
        let session = session::begin(&self.table, holder, &Client::default(), None).await;
        session.expect("a session")
    }

    /// A session of an album's guest.
    pub async fn guest(&self) -> Secret {
        let album = uuid::Uuid::now_v7().to_string().parse().expect("an id");
        self.begin_session(Holder::Guest { album }).await
    }

    /// The viewer of a session.
    pub async fn viewer(&self, session: &Secret) -> Viewer {
        session::viewer(&self.table, &session.0).await.expect("a viewer")
    }

    /// A signed-in viewer with a new account.
    pub async fn new_viewer(&self, name: &str) -> Viewer {
        self.viewer(&self.session(name).await).await
    }

    /// The library of a new account.
    pub async fn library(&self, name: &str) -> OpenLibrary {
        open_library(&self.new_viewer(name).await).expect("a library")
    }

    /// The library of a new account, and the hash of its session.
    pub async fn library_and_session(&self, name: &str) -> (OpenLibrary, String) {
        let viewer = self.new_viewer(name).await;
        let session = viewer.session().expect("a session").hash.clone();
        (open_library(&viewer).expect("a library"), session)
    }

    pub async fn grant(&self, library: &OpenLibrary, name: &str, bytes: &[u8]) -> (PhotoRecord, Put) {
        self.grant_for(library, name, bytes, GRANT_LASTS).await
    }

    pub async fn grant_for(&self, library: &OpenLibrary, name: &str, bytes: &[u8], lifetime: Duration) -> (PhotoRecord, Put) {
        let wanted = Announced::parse(wanted(name, bytes)).expect("a valid announcement");
        let granted = grant::grant(&self.table, library, &wanted, lifetime).await.expect("a grant");
        let Granted::Expected(photo) = granted else {
            panic!("{name} exists already")
        };
        let put = upload::sign_whole(&self.table, &self.originals, photo.clone()).await;
        (photo, put.expect("a signature"))
    }

    /// Grants and uploads a file of `tests/photos`.
    pub async fn upload(&self, library: &OpenLibrary, name: &str) -> PhotoId {
        self.upload_bytes(library, name, &fixture(name)).await
    }

    /// Grants and uploads a photo.
    pub async fn upload_bytes(&self, library: &OpenLibrary, name: &str, bytes: &[u8]) -> PhotoId {
        let (photo, presigned) = self.grant(library, name, bytes).await;
        assert_eq!(put(&presigned, bytes), 200, "{name}");
        photo.id
    }

    pub async fn photo(&self, library: &OpenLibrary, id: &PhotoId) -> PhotoRecord {
        timeline::photo(&self.table, library, id).await.expect("the photo")
    }

    /// Waits until a photo whose upload was cancelled is received and processed.
    pub async fn processed_after_cancel(&self, library: &OpenLibrary, id: &PhotoId) -> PhotoRecord {
        wait_until("it is received", async || {
            let photo = self.photo(library, id).await;
            photo.history.iter().any(|step| step.state == State::Received)
        })
        .await;
        self.processed(library, id).await
    }

    /// Waits until a photo is ready or refused.
    pub async fn processed(&self, library: &OpenLibrary, id: &PhotoId) -> PhotoRecord {
        let start = Instant::now();
        loop {
            let photo = self.photo(library, id).await;
            if matches!(photo.state, State::Ready | State::Refused { .. }) {
                return photo;
            }
            assert!(start.elapsed() < TIMEOUT, "{} is still {:?}", photo.name, photo.state);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a photo has its last format, which is made after it is ready.
    pub async fn complete(&self, library: &OpenLibrary, id: &PhotoId) {
        let last = Format::Avif.name();
        wait_until("it has its last format", async || {
            let photo = self.photo(library, id).await;
            photo.formats.iter().any(|format| format == last) || photo.lacking.iter().any(|lacking| lacking.format == last)
        })
        .await;
    }
}

/// Polls until a condition is true.
pub async fn wait_until(description: &str, condition: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < TIMEOUT, "timeout after {TIMEOUT:?}: {description}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Makes the next minute fall into a single window of the rate limiter: waits if the current one is about to end.
pub async fn in_one_window(seconds: i64) {
    wait_until("the next window", async || server::now().seconds() % seconds < seconds - 60).await;
}

/// A file of `tests/photos`.
pub fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/photos")
            .join(name),
    )
    .expect("a file")
}

/// The same JPEG with a unique comment.
pub fn unique_copy(jpeg: &[u8]) -> Vec<u8> {
    let text = uuid::Uuid::now_v7().to_string();
    let comment = [&[0xff, 0xfe, 0, text.len() as u8 + 2], text.as_bytes()].concat();
    [&jpeg[..2], &comment, &jpeg[2..]].concat()
}

/// A file as a browser announces it, with its media type by the extension.
pub fn wanted(name: &str, bytes: &[u8]) -> Wanted {
    let kind = match name.rsplit('.').next() {
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        _ => "image/jpeg",
    };
    Wanted {
        name: name.into(),
        kind: kind.into(),
        bytes: bytes.len() as u64,
        sha256: STANDARD.encode(Sha256::digest(bytes)),
        modified: None,
        zone: None,
    }
}

/// Uploads to a presigned URL; returns the status.
pub fn put(presigned: &Put, bytes: &[u8]) -> u16 {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = presigned
        .headers
        .iter()
        .fold(agent.put(&presigned.url), |request, (name, value)| {
            request.header(name, value)
        });
    request.send(bytes).expect("a response").status().as_u16()
}

/// Unwraps the user error.
pub fn refused<T>(result: Result<T, AppError>) -> UserError {
    match result {
        Err(AppError::User(user_error)) => user_error,
        Err(failure) => panic!("{failure}"),
        Ok(_) => panic!("not refused"),
    }
}

/// An address without an account.
pub fn unused_email() -> Email {
    Email::parse(&format!("nobody-{}@example.org", uuid::Uuid::now_v7())).expect("an address")
}

/// A browser with a unique network address.
pub fn new_client() -> Client {
    Client {
        address: secrets::random_text().expect("random text"),
        ..Client::default()
    }
}

/// A browser with a device cookie: it has signed in with this email address before.
pub fn known_client(email: &Email) -> Client {
    let keys = r#"{"media_keys": [], "device_keys": [{"id": "1", "key": "a"}], "owner_code": ""}"#;
    let signer = DeviceSigner::new(&serde_json::from_str(keys).expect("keys"));
    let cookie = DeviceCookie::read(&signer, "").signed_in(&email.hash(), server::now());
    let cookie = cookie.expect("random bytes").expect("a key");
    Client {
        device_cookie: DeviceCookie::read(&signer, &cookie),
        ..new_client()
    }
}

/// Runs futures concurrently; returns their outputs in order of completion.
pub async fn join_all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut pending: Vec<_> = futures.map(Box::pin).collect();
    let mut outputs = Vec::new();
    std::future::poll_fn(|context| {
        pending.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => {
                outputs.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if pending.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outputs
}

/// The user pool.
pub async fn identity() -> Identity {
    let cloud = Cloud::open(&[Setting::UserPool, Setting::UserPoolClient]).await;
    cloud.expect("the settings").identity().expect("the user pool")
}
