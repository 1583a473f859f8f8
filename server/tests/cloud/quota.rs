//! Storage usage, counted once for duplicate, late or concurrent uploads; quotas; and the rate limit of grants.

use crate::fixtures::{TestEnv, fixture, refused};
use model::accounts::Usage;
use model::photos::MAX_ORIGINAL_BYTES;
use model::time::Time;
use model::user_error::UserError;
use server::albums::access::OpenLibrary;
use server::aws::table::{Condition, Row};
use server::error::AppError;
use server::now;
use server::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use server::photos::grant_rate_limit::{self, GRANTS_A_MINUTE};
use server::photos::quota::{self, UsageRecord, usage};
use server::photos::records::TRASH_SECONDS;
use server::photos::sweep::MARGIN_SECONDS;
use server::photos::{sweep, trash};
use std::time::Duration;

async fn used(env: &TestEnv, library: &OpenLibrary) -> (u64, u64) {
    let Usage { bytes, photos, .. } = usage(&env.table, library.account()).await.expect("a count");
    (bytes, photos)
}

/// The quota of each library in bytes.
async fn quota(env: &TestEnv) -> u64 {
    quota::limits(&env.table).await.expect("limits").bytes
}

/// Requests a grant for new bytes.
async fn request(env: &TestEnv, library: &OpenLibrary, name: &str) -> Result<Granted, AppError> {
    let wanted = Announced::parse(crate::fixtures::wanted("dogs.jpg", name.as_bytes())).expect("a photo");
    grant::grant(&env.table, library, &wanted, GRANT_LASTS).await
}

/// Uses up this minute's and the next minute's grants of a library, except this many.
async fn use_up_grants(env: &TestEnv, library: &OpenLibrary, left: i64) {
    let at = now();
    for minute in [at, at.plus_seconds(60)] {
        let key = grant_rate_limit::key(library.account(), minute);
        let ttl = at.plus_seconds(600).seconds();
        env.table.count(&key, GRANTS_A_MINUTE - left, ttl).await.expect("a count");
    }
}

/// Fills a library up to this many free bytes.
async fn leave_free(env: &TestEnv, library: &OpenLibrary, bytes: u64) {
    let quota = quota(env).await;
    let row = Row {
        key: UsageRecord::key(library.account()),
        item: &UsageRecord {
            bytes: i64::try_from(quota - bytes).expect("a number"),
            photos: 1,
        },
        condition: Condition::Anything,
    };
    assert!(env.table.put(row).await.expect("a count").is_written());
}

#[tokio::test]
async fn concurrent_grants_do_not_exceed_the_quota() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let quota = quota(&env).await;
    leave_free(&env, &ada, 3 * MAX_ORIGINAL_BYTES + 5).await;
    let request = async |name: &str| {
        let mut wanted = crate::fixtures::wanted("dogs.jpg", name.as_bytes());
        wanted.bytes = MAX_ORIGINAL_BYTES;
        let wanted = Announced::parse(wanted).expect("a photo");
        grant::grant(&env.table, &ada, &wanted, GRANT_LASTS).await
    };
    let (a, b, c, d, e) = tokio::join!(request("a"), request("b"), request("c"), request("d"), request("e"));
    let results = [a, b, c, d, e];
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3);
    for result in results {
        if let Err(failure) = result {
            let AppError::User(UserError::OverQuota { used, quota: limit }) = failure else {
                panic!("{failure}")
            };
            assert_eq!((used, limit), (quota - 5, quota));
        }
    }
    assert_eq!(used(&env, &ada).await, (quota - 5, 4));
}

#[tokio::test]
async fn an_expired_grant_frees_its_space_and_a_late_upload_uses_it() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("cup.png");
    let size = bytes.len() as u64;
    // Shorter than grants of other tests, which must not be swept with it.
    let lifetime = Duration::from_secs(30);
    let (photo, presigned) = env.grant_for(&ada, "cup.png", &bytes, lifetime).await;
    assert_eq!(used(&env, &ada).await, (size, 1), "reserved by the grant");
    for _ in 0..2 {
        grant::cancel_upload(&env.table, &env.originals, &ada, &photo.id)
            .await
            .expect("cancelled");
        assert_eq!(used(&env, &ada).await, (size, 1), "the grant is still valid");
    }
    crate::fixtures::wait_until("its grant is swept", async || {
        let later = photo.grant_ends_at.plus_seconds(MARGIN_SECONDS + 1);
        sweep::sweep(&env.table, &env.originals, &env.workflow, later)
            .await
            .expect("a sweep");
        used(&env, &ada).await == (0, 0)
    })
    .await;
    let history = env.photo(&ada, &photo.id).await.history.len();
    assert_eq!(history, 2, "the sweep adds no history entry");
    assert_eq!(crate::fixtures::put(&presigned, &bytes), 200);
    env.processed_after_cancel(&ada, &photo.id).await;
    assert_eq!(used(&env, &ada).await, (size, 1), "uploaded late");
}

#[tokio::test]
async fn trashed_and_refused_photos_use_space_until_they_are_purged() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let id = env.upload(&ada, "bad/text.jpg").await;
    env.processed(&ada, &id).await;
    let (size, _) = used(&env, &ada).await;
    assert_eq!(size, fixture("bad/text.jpg").len() as u64, "its original is stored");
    trash::trash(&env.table, &ada, &id).await.expect("in the trash");
    assert_eq!(used(&env, &ada).await, (size, 1));
    let media = env.cloud.media().expect("the media");
    crate::fixtures::wait_until("it is purged", async || {
        let later = now().plus_seconds(TRASH_SECONDS + 1);
        trash::purge(&env.table, &env.originals, &media, later)
            .await
            .expect("a purge");
        used(&env, &ada).await == (0, 0)
    })
    .await;
    sweep::sweep(&env.table, &env.originals, &env.workflow, now())
        .await
        .expect("a sweep");
    assert_eq!(used(&env, &ada).await, (0, 0));
}

#[tokio::test]
async fn grants_are_rate_limited_per_library() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.library("ada").await, env.library("ben").await);
    let first = request(&env, &ada, "before").await.expect("a grant");
    use_up_grants(&env, &ada, 1).await;
    // The next minute may begin meanwhile, which allows another one.
    let results = [
        request(&env, &ada, "a").await,
        request(&env, &ada, "b").await,
        request(&env, &ada, "c").await,
    ];
    let (granted, denied): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert!(!denied.is_empty() && granted.len() <= 2, "{granted:?}");
    for result in denied {
        let user_error = refused(result);
        let seconds = user_error.retry_after().expect("a delay");
        assert!((1..=60).contains(&seconds), "{user_error:?}");
    }
    assert_eq!(
        used(&env, &ada).await.1,
        1 + granted.len() as u64,
        "refused requests use no space"
    );
    let again = request(&env, &ada, "before").await.expect("the photo that is expected");
    assert_eq!(again.photo().id, first.photo().id, "an existing grant is not counted again");
    request(&env, &ben, "a").await.expect("another library's grant");
}

#[tokio::test]
async fn the_rate_limit_resets_every_minute() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let at = now().plus_seconds(3600);
    let admit = async |at: Time| grant_rate_limit::count(&env.table, ada.account(), at).await;
    let ttl = at.plus_seconds(600).seconds();
    let key = grant_rate_limit::key(ada.account(), at);
    env.table.count(&key, GRANTS_A_MINUTE - 1, ttl).await.expect("a count");
    admit(at).await.expect("the last of its minute");
    let seconds = refused(admit(at).await).retry_after().expect("a delay");
    admit(at.plus_seconds(seconds.into())).await.expect("the first of the next");
}

#[tokio::test]
async fn the_number_of_photos_is_limited() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.library("ada").await, env.library("ben").await);
    let max = quota::limits(&env.table).await.expect("limits").photos;
    let row = Row {
        key: UsageRecord::key(ada.account()),
        item: &UsageRecord {
            bytes: 5,
            photos: i64::from(max) - 1,
        },
        condition: Condition::Anything,
    };
    assert!(env.table.put(row).await.expect("a count").is_written());
    let last = request(&env, &ada, "a").await.expect("the last");
    assert_eq!(
        refused(request(&env, &ada, "b").await),
        UserError::TooManyPhotos { most: max }
    );
    assert_eq!(request(&env, &ada, "a").await.expect("it exists").photo().id, last.photo().id);
    assert_eq!(used(&env, &ada).await.1, u64::from(max));
    request(&env, &ben, "b").await.expect("another library's grant");
}
