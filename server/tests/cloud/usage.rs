//! The room that a library takes, counted once whatever comes twice, late, or at the same moment; and how fast it is granted.

use crate::cast::{TestEnv, fixture, refused};
use model::accounts::Usage;
use model::photos::MAX_ORIGINAL_BYTES;
use model::refusals::Refusal;
use model::time::Time;
use server::albums::access::OpenLibrary;
use server::aws::table::{Given, Row};
use server::failure::Failure;
use server::now;
use server::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use server::photos::rate::{self, GRANTS_A_MINUTE};
use server::photos::records::TRASH_SECONDS;
use server::photos::sweep::MARGIN_SECONDS;
use server::photos::usage::{self, UsageRecord, usage};
use server::photos::{sweep, trash};
use std::time::Duration;

async fn taken(env: &TestEnv, library: &OpenLibrary) -> (u64, u64) {
    let Usage { bytes, photos, .. } = usage(&env.table, library.account()).await.expect("a count");
    (bytes, photos)
}

/// What each library may take: the owner may have said so before.
async fn quota(env: &TestEnv) -> u64 {
    usage::limits(&env.table).await.expect("limits").bytes
}

/// Asks for a photo of bytes that the library does not have.
async fn ask(env: &TestEnv, library: &OpenLibrary, name: &str) -> Result<Granted, Failure> {
    let wanted = Announced::parse(crate::cast::wanted("dogs.jpg", name.as_bytes())).expect("a photo");
    grant::grant(&env.table, library, &wanted, GRANT_LASTS).await
}

/// As if a library had been granted all of this minute's and the next one's photos but so many.
async fn spend_grants(env: &TestEnv, library: &OpenLibrary, left: i64) {
    let at = now();
    for minute in [at, at.plus_seconds(60)] {
        let key = rate::key(library.account(), minute);
        let ttl = at.plus_seconds(600).seconds();
        env.table.count(&key, GRANTS_A_MINUTE - left, ttl).await.expect("a count");
    }
}

/// Leaves a library room for so many bytes.
async fn leave(env: &TestEnv, library: &OpenLibrary, bytes: u64) {
    let quota = quota(env).await;
    let row = Row {
        key: UsageRecord::key(library.account()),
        item: &UsageRecord {
            bytes: i64::try_from(quota - bytes).expect("a number"),
            photos: 1,
        },
        given: Given::Anything,
    };
    env.table.put(row).await.expect("a count");
}

#[tokio::test]
async fn grants_at_the_same_moment_do_not_pass_the_quota_together() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let all = quota(&env).await;
    leave(&env, &ada, 3 * MAX_ORIGINAL_BYTES + 5).await;
    let ask = async |name: &str| {
        let mut wanted = crate::cast::wanted("dogs.jpg", name.as_bytes());
        wanted.bytes = MAX_ORIGINAL_BYTES;
        let wanted = Announced::parse(wanted).expect("a photo");
        grant::grant(&env.table, &ada, &wanted, GRANT_LASTS).await
    };
    let (a, b, c, d, e) = tokio::join!(ask("a"), ask("b"), ask("c"), ask("d"), ask("e"));
    let answers = [a, b, c, d, e];
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    for answer in answers {
        if let Err(failure) = answer {
            let Failure::Refused(Refusal::OverQuota { used, quota }) = failure else {
                panic!("{failure}")
            };
            assert_eq!((used, quota), (all - 5, all));
        }
    }
    assert_eq!(taken(&env, &ada).await, (all - 5, 4));
}

#[tokio::test]
async fn bytes_that_never_come_take_no_room_and_those_that_come_late_do() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("cup.png");
    let size = bytes.len() as u64;
    // Shorter than others that are given meanwhile, which are not to be swept with it.
    let lasts = Duration::from_secs(30);
    let (photo, presigned) = env.grant_for(&ada, "cup.png", &bytes, lasts).await;
    assert_eq!(taken(&env, &ada).await, (size, 1), "from the grant on");
    for _ in 0..2 {
        grant::give_up(&env.table, &env.originals, &ada, &photo.id)
            .await
            .expect("given up");
        assert_eq!(taken(&env, &ada).await, (size, 1), "its grant is still good");
    }
    crate::cast::wait_until("its grant is swept", async || {
        let later = photo.grant_ends_at.plus_seconds(MARGIN_SECONDS + 1);
        sweep::sweep(&env.table, &env.originals, &env.workflow, later)
            .await
            .expect("a sweep");
        taken(&env, &ada).await == (0, 0)
    })
    .await;
    let history = env.photo(&ada, &photo.id).await.history.len();
    assert_eq!(history, 2, "that it was swept is no step of its own");
    assert_eq!(crate::cast::put(&presigned, &bytes), 200);
    env.processed_after_give_up(&ada, &photo.id).await;
    assert_eq!(taken(&env, &ada).await, (size, 1), "they came after all");
}

#[tokio::test]
async fn the_trash_takes_room_until_it_is_purged_and_a_refused_photo_does_too() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let id = env.upload(&ada, "bad/text.jpg").await;
    env.processed(&ada, &id).await;
    let (size, _) = taken(&env, &ada).await;
    assert_eq!(size, fixture("bad/text.jpg").len() as u64, "its original is there");
    trash::trash(&env.table, &ada, &id).await.expect("in the trash");
    assert_eq!(taken(&env, &ada).await, (size, 1));
    let media = env.cloud.media().expect("the media");
    crate::cast::wait_until("it is purged", async || {
        let later = now().plus_seconds(TRASH_SECONDS + 1);
        trash::purge(&env.table, &env.originals, &media, later)
            .await
            .expect("a purge");
        taken(&env, &ada).await == (0, 0)
    })
    .await;
    sweep::sweep(&env.table, &env.originals, &env.workflow, now())
        .await
        .expect("a sweep");
    assert_eq!(taken(&env, &ada).await, (0, 0));
}

#[tokio::test]
async fn who_asks_too_fast_waits_and_nobody_else_does() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.library("ada").await, env.library("ben").await);
    let first = ask(&env, &ada, "before").await.expect("a grant");
    spend_grants(&env, &ada, 1).await;
    // A minute may begin in between, which has one of its own.
    let answers = [
        ask(&env, &ada, "a").await,
        ask(&env, &ada, "b").await,
        ask(&env, &ada, "c").await,
    ];
    let (granted, denied): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert!(!denied.is_empty() && granted.len() <= 2, "{granted:?}");
    for answer in denied {
        let refusal = refused(answer);
        let seconds = refusal.retry_after().expect("when to ask again");
        assert!((1..=60).contains(&seconds), "{refusal:?}");
    }
    assert_eq!(
        taken(&env, &ada).await.1,
        1 + granted.len() as u64,
        "who is refused takes no room"
    );
    let again = ask(&env, &ada, "before").await.expect("the photo that is expected");
    assert_eq!(again.photo().id, first.photo().id, "what was granted is not counted again");
    ask(&env, &ben, "a").await.expect("another library's grant");
}

#[tokio::test]
async fn the_next_minute_has_grants_of_its_own() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let at = now().plus_seconds(3600);
    let admit = async |at: Time| rate::admit(&env.table, ada.account(), at).await;
    let ttl = at.plus_seconds(600).seconds();
    let key = rate::key(ada.account(), at);
    env.table.count(&key, GRANTS_A_MINUTE - 1, ttl).await.expect("a count");
    admit(at).await.expect("the last of its minute");
    let seconds = refused(admit(at).await).retry_after().expect("when to ask again");
    admit(at.plus_seconds(seconds.into())).await.expect("the first of the next");
}

#[tokio::test]
async fn a_library_takes_no_more_photos_than_it_may() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.library("ada").await, env.library("ben").await);
    let most = usage::limits(&env.table).await.expect("limits").photos;
    let row = Row {
        key: UsageRecord::key(ada.account()),
        item: &UsageRecord {
            bytes: 5,
            photos: i64::from(most) - 1,
        },
        given: Given::Anything,
    };
    env.table.put(row).await.expect("a count");
    let last = ask(&env, &ada, "a").await.expect("the last");
    assert_eq!(refused(ask(&env, &ada, "b").await), Refusal::TooManyPhotos { most });
    assert_eq!(ask(&env, &ada, "a").await.expect("it is there").photo().id, last.photo().id);
    assert_eq!(taken(&env, &ada).await.1, u64::from(most));
    ask(&env, &ben, "b").await.expect("another library's grant");
}
