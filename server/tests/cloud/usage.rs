//! The room that a library takes, counted once whatever comes twice, late, or at the same moment.

use crate::cast::{Home, fixture};
use model::accounts::Usage;
use model::photos::MAX_ORIGINAL_BYTES;
use model::refusals::Refusal;
use server::albums::access::OpenLibrary;
use server::aws::table::{Given, Row};
use server::failure::Failure;
use server::now;
use server::photos::grant::{self, Announced, GRANT_LASTS};
use server::photos::records::TRASH_SECONDS;
use server::photos::sweep::MARGIN_SECONDS;
use server::photos::usage::{self, UsageRecord, usage};
use server::photos::{sweep, trash};
use std::time::Duration;

async fn taken(home: &Home, library: &OpenLibrary) -> (u64, u64) {
    let Usage { bytes, photos, .. } = usage(&home.table, library.account()).await.expect("a count");
    (bytes, photos)
}

/// What each library may take: the owner may have said so before.
async fn quota(home: &Home) -> u64 {
    usage::quota(&home.table).await.expect("a quota")
}

/// Leaves a library room for so many bytes.
async fn leave(home: &Home, library: &OpenLibrary, bytes: u64) {
    let quota = quota(home).await;
    let row = Row {
        key: UsageRecord::key(library.account()),
        item: &UsageRecord {
            bytes: i64::try_from(quota - bytes).expect("a number"),
            photos: 1,
        },
        given: Given::Anything,
    };
    home.table.put(row).await.expect("a count");
}

#[tokio::test]
async fn grants_at_the_same_moment_do_not_pass_the_quota_together() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let all = quota(&home).await;
    leave(&home, &ada, 3 * MAX_ORIGINAL_BYTES + 5).await;
    let ask = async |name: &str| {
        let mut wanted = crate::cast::wanted("dogs.jpg", name.as_bytes());
        wanted.bytes = MAX_ORIGINAL_BYTES;
        let wanted = Announced::parse(wanted).expect("a photo");
        grant::grant(&home.table, &ada, &wanted, GRANT_LASTS).await
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
    assert_eq!(taken(&home, &ada).await, (all - 5, 4));
}

#[tokio::test]
async fn bytes_that_never_come_take_no_room_and_those_that_come_late_do() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let bytes = fixture("cup.png");
    let size = bytes.len() as u64;
    // Shorter than others that are given meanwhile, which are not to be swept with it.
    let lasts = Duration::from_secs(30);
    let (photo, presigned) = home.grant_for(&ada, "cup.png", &bytes, lasts).await;
    assert_eq!(taken(&home, &ada).await, (size, 1), "from the grant on");
    for _ in 0..2 {
        grant::give_up(&home.table, &home.originals, &ada, &photo.id)
            .await
            .expect("given up");
        assert_eq!(taken(&home, &ada).await, (size, 1), "its grant is still good");
    }
    crate::cast::until("its grant is swept", async || {
        let later = photo.grant_ends_at.plus_seconds(MARGIN_SECONDS + 1);
        sweep::sweep(&home.table, &home.originals, &home.workflow, later)
            .await
            .expect("a sweep");
        taken(&home, &ada).await == (0, 0)
    })
    .await;
    let history = home.photo(&ada, &photo.id).await.history.len();
    assert_eq!(history, 2, "that it was swept is no step of its own");
    assert_eq!(crate::cast::put(&presigned, &bytes), 200);
    home.settled_anew(&ada, &photo.id).await;
    assert_eq!(taken(&home, &ada).await, (size, 1), "they came after all");
}

#[tokio::test]
async fn the_trash_takes_room_until_it_is_purged_and_a_refused_photo_does_too() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let id = home.upload(&ada, "bad/text.jpg").await;
    home.settled(&ada, &id).await;
    let (size, _) = taken(&home, &ada).await;
    assert_eq!(size, fixture("bad/text.jpg").len() as u64, "its original is there");
    trash::trash(&home.table, &ada, &id).await.expect("in the trash");
    assert_eq!(taken(&home, &ada).await, (size, 1));
    let media = home.cloud.media().expect("the media");
    crate::cast::until("it is purged", async || {
        let later = now().plus_seconds(TRASH_SECONDS + 1);
        trash::purge(&home.table, &home.originals, &media, later)
            .await
            .expect("a purge");
        taken(&home, &ada).await == (0, 0)
    })
    .await;
    sweep::sweep(&home.table, &home.originals, &home.workflow, now())
        .await
        .expect("a sweep");
    assert_eq!(taken(&home, &ada).await, (0, 0));
}
