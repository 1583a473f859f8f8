//! The cast of the rooms' tests, and the local cloud that they meet in. `make test` starts it and says where it is.

pub mod door;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use develop::Format;
use model::accounts::Group;
use model::ids::{AccountId, PhotoId};
use model::photos::{Put, State, Wanted};
use model::refusals::Refusal;
use server::accounts::device_cookie::DeviceCookie;
use server::accounts::records::{AccountRecord, Holder};
use server::accounts::session::{self, Secret};
use server::accounts::sign_up::Email;
use server::accounts::{Client, Viewer};
use server::albums::access::{OpenLibrary, open_library};
use server::aws::Cloud;
use server::aws::identity::Identity;
use server::aws::originals::Originals;
use server::aws::settings::Setting;
use server::aws::table::{Given, Row, Table};
use server::aws::workflow::Workflow;
use server::failure::Failure;
use server::keys::DeviceSigner;
use server::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use server::photos::records::PhotoRecord;
use server::photos::{timeline, upload};
use server::secrets;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(300);

/// The local cloud as the rooms see it.
pub struct Home {
    pub cloud: Cloud,
    pub table: Table,
    pub originals: Originals,
    pub workflow: Workflow,
}

impl Home {
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

    /// The session of somebody new.
    pub async fn session(&self, name: &str) -> Secret {
        self.session_in(name, BTreeSet::new()).await
    }

    /// The session of somebody new who is of these groups.
    pub async fn session_in(&self, name: &str, groups: BTreeSet<Group>) -> Secret {
        let id: AccountId = uuid::Uuid::now_v7().to_string().parse().expect("an id");
        self.session_of(id, format!("{name}@example.org"), groups).await
    }

    /// The session of somebody new of some groups, who is a user of the pool.
    pub async fn session_of_user(&self, identity: &Identity, email: &Email, groups: BTreeSet<Group>) -> Secret {
        let id = identity.account(email.as_str()).await.expect("the user").id;
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
        self.table
            .put(Row {
                key: AccountRecord::key(&account.id),
                item: &account,
                given: Given::Absent,
            })
            .await
            .expect("an account");
        let holder = Holder::Account { account: account.id };
        self.begin(holder).await
    }

    async fn begin(&self, holder: Holder) -> Secret {
        let begun = session::begin(&self.table, holder, &Client::default(), None).await;
        begun.expect("a session")
    }

    /// The session of a guest of some album.
    pub async fn guest(&self) -> Secret {
        let album = uuid::Uuid::now_v7().to_string().parse().expect("an id");
        self.begin(Holder::Guest { album }).await
    }

    /// Who holds this session.
    pub async fn viewer(&self, session: &Secret) -> Viewer {
        session::viewer(&self.table, &session.0).await.expect("a viewer")
    }

    /// Somebody new, signed in.
    pub async fn somebody(&self, name: &str) -> Viewer {
        self.viewer(&self.session(name).await).await
    }

    /// The library of somebody new.
    pub async fn library(&self, name: &str) -> OpenLibrary {
        open_library(&self.somebody(name).await).expect("a library")
    }

    /// The library of somebody new, and the hash of the session that they are signed in with.
    pub async fn library_and_session(&self, name: &str) -> (OpenLibrary, String) {
        let viewer = self.somebody(name).await;
        let session = viewer.session().expect("a session").hash.clone();
        (open_library(&viewer).expect("a library"), session)
    }

    pub async fn grant(&self, library: &OpenLibrary, name: &str, bytes: &[u8]) -> (PhotoRecord, Put) {
        self.grant_for(library, name, bytes, GRANT_LASTS).await
    }

    pub async fn grant_for(&self, library: &OpenLibrary, name: &str, bytes: &[u8], lasts: Duration) -> (PhotoRecord, Put) {
        let wanted = Announced::parse(wanted(name, bytes)).expect("a photo that may be wanted");
        let granted = grant::grant(&self.table, library, &wanted, lasts).await.expect("a grant");
        let Granted::Expected(photo) = granted else {
            panic!("{name} is there already")
        };
        let put = upload::sign_whole(&self.table, &self.originals, photo.clone()).await;
        (photo, put.expect("a signature"))
    }

    /// Grants and uploads a photo of the fixtures.
    pub async fn upload(&self, library: &OpenLibrary, name: &str) -> PhotoId {
        self.upload_bytes(library, name, &fixture(name)).await
    }

    /// Grants and uploads a photo.
    pub async fn upload_bytes(&self, library: &OpenLibrary, name: &str, bytes: &[u8]) -> PhotoId {
        let (photo, presigned) = self.grant(library, name, bytes).await;
        assert_eq!(put(&presigned, bytes), 200, "{name} is taken");
        photo.id
    }

    pub async fn photo(&self, library: &OpenLibrary, id: &PhotoId) -> PhotoRecord {
        timeline::photo(&self.table, library, id).await.expect("the photo")
    }

    /// The photo, once its bytes have come after it was given up and it is ready.
    pub async fn settled_anew(&self, library: &OpenLibrary, id: &PhotoId) -> PhotoRecord {
        until("its bytes are there", async || {
            let photo = self.photo(library, id).await;
            photo.history.iter().any(|step| step.state == State::Received)
        })
        .await;
        self.settled(library, id).await
    }

    /// The photo, once it is ready or refused.
    pub async fn settled(&self, library: &OpenLibrary, id: &PhotoId) -> PhotoRecord {
        let began = Instant::now();
        loop {
            let photo = self.photo(library, id).await;
            if matches!(photo.state, State::Ready | State::Refused { .. }) {
                return photo;
            }
            assert!(began.elapsed() < PATIENCE, "{} is still {:?}", photo.name, photo.state);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a photo has its last format, which comes after it is ready: from then on nothing more is made of it.
    pub async fn complete(&self, library: &OpenLibrary, id: &PhotoId) {
        let last = Format::Avif.name();
        until("its last format is there", async || {
            let photo = self.photo(library, id).await;
            photo.formats.iter().any(|format| format == last) || photo.lacking.iter().any(|lacking| lacking.format == last)
        })
        .await;
    }
}

/// Waits for something to become so.
pub async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !so().await {
        assert!(began.elapsed() < PATIENCE, "not so after {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits where a window of so many seconds is about to end: tries are counted by windows.
pub async fn in_one_window(seconds: i64) {
    until("a window is not about to end", async || {
        server::now().seconds() % seconds < seconds - 60
    })
    .await;
}

/// A file of `tests/photos`.
pub fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/photos")
            .join(name),
    )
    .expect("a fixture")
}

/// The same picture in other bytes: a JPEG with a comment that no other has.
pub fn another(jpeg: &[u8]) -> Vec<u8> {
    let text = uuid::Uuid::now_v7().to_string();
    let comment = [&[0xff, 0xfe, 0, text.len() as u8 + 2], text.as_bytes()].concat();
    [&jpeg[..2], &comment, &jpeg[2..]].concat()
}

/// What a browser says of a file: its type by the name's ending, as browsers do.
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

/// Uploads as a browser does; answers the status.
pub fn put(to: &Put, bytes: &[u8]) -> u16 {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = to
        .headers
        .iter()
        .fold(agent.put(&to.url), |request, (name, value)| request.header(name, value));
    request.send(bytes).expect("an answer").status().as_u16()
}

/// Why something was refused.
pub fn refused<T>(answer: Result<T, Failure>) -> Refusal {
    match answer {
        Err(Failure::Refused(refusal)) => refusal,
        Err(failure) => panic!("{failure}"),
        Ok(_) => panic!("was not refused"),
    }
}

/// An address that no account has.
pub fn nobody() -> Email {
    Email::parse(&format!("nobody-{}@example.org", uuid::Uuid::now_v7())).expect("an address")
}

/// A browser at a network address that no other has.
pub fn somewhere() -> Client {
    Client {
        address: secrets::random_text().expect("a name"),
        ..Client::default()
    }
}

/// The same, which signed in with this mail address before.
pub fn known(email: &Email) -> Client {
    let keys = r#"{"media_keys": [], "device_keys": [{"id": "1", "key": "a"}], "owner_code": ""}"#;
    let signer = DeviceSigner::new(&serde_json::from_str(keys).expect("keys"));
    let cookie = DeviceCookie::read(&signer, "").signed_in(&email.hash(), server::now());
    let cookie = cookie.expect("random bytes").expect("a key");
    Client {
        device_cookie: DeviceCookie::read(&signer, &cookie),
        ..somewhere()
    }
}

/// All at once, as far as one thread can.
pub async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        running.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                done.push(answer);
                false
            }
            std::task::Poll::Pending => true,
        });
        if running.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}

/// The user pool.
pub async fn identity() -> Identity {
    let cloud = Cloud::open(&[Setting::UserPool, Setting::UserPoolClient]).await;
    cloud.expect("the settings").identity().expect("the user pool")
}
