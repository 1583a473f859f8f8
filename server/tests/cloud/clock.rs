//! What the clock does: against the real table, buckets and workflow.

use crate::cast::{TestEnv, fixture, put, unique_copy};
use model::ids::PhotoId;
use model::photos::{Reason, State};
use model::time::Time;
use model::timeline::Start;
use server::now;
use server::photos::change::change;
use server::photos::records::PhotoRecord;
use server::photos::{sweep, timeline, trash, verify};
use std::collections::HashSet;

const DAY: i64 = 86_400;

/// Changes a photo's row as no handler would.
async fn meddle(env: &TestEnv, id: &PhotoId, mut how: impl FnMut(&mut PhotoRecord)) {
    let meddled = change(&env.table, id, |photo, _| {
        how(photo);
        photo.take_place();
        true
    });
    meddled.await.expect("changed").expect("a photo");
}

fn ago(seconds: i64) -> Time {
    now().plus_seconds(-seconds)
}

#[tokio::test]
async fn a_grant_whose_browser_died_ends_and_one_that_may_still_be_used_does_not() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("dogs.jpg");
    let (dead, _) = env.grant(&ada, "dogs.jpg", &bytes).await;
    let (late, _) = env.grant(&ada, "dogs.jpg", &unique_copy(&bytes)).await;
    meddle(&env, &dead.id, |photo| photo.grant_ends_at = ago(1801)).await;
    meddle(&env, &late.id, |photo| photo.grant_ends_at = ago(1700)).await;
    for _ in 0..2 {
        sweep::sweep(&env.table, &env.originals, &env.workflow, now())
            .await
            .expect("swept");
    }
    let dead = env.photo(&ada, &dead.id).await;
    assert_eq!(
        dead.state,
        State::Refused {
            reason: Reason::NotDelivered
        }
    );
    assert_eq!(dead.history.len(), 2);
    assert_eq!(env.photo(&ada, &late.id).await.state, State::Expected);
}

#[tokio::test]
async fn bytes_that_nobody_heard_of_are_developed_by_the_sweep() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("dogs.jpg");
    let (photo, presigned) = env.grant(&ada, "dogs.jpg", &bytes).await;
    assert_eq!(put(&presigned, &bytes), 200);
    env.processed(&ada, &photo.id).await;
    meddle(&env, &photo.id, |photo| {
        (photo.state, photo.generation) = (State::Expected, 2);
        photo.history.truncate(1);
        photo.formats.clear();
        photo.grant_ends_at = ago(1801);
    })
    .await;
    sweep::sweep(&env.table, &env.originals, &env.workflow, now())
        .await
        .expect("swept");
    assert_eq!(env.processed(&ada, &photo.id).await.state, State::Ready);
}

#[tokio::test]
async fn thirty_days_in_the_trash_and_a_photo_is_gone_with_every_version_of_it() {
    let env = TestEnv::open().await;
    let media = env.cloud.media().expect("the media");
    let ada = env.library("ada").await;
    let dogs = fixture("dogs.jpg");
    let (old, young, back) = (
        env.upload_bytes(&ada, "dogs.jpg", &dogs).await,
        env.upload_bytes(&ada, "dogs.jpg", &unique_copy(&dogs)).await,
        env.upload_bytes(&ada, "dogs.jpg", &unique_copy(&dogs)).await,
    );
    for id in [&old, &young, &back] {
        env.complete(&ada, id).await;
        trash::trash(&env.table, &ada, id).await.expect("trashed");
    }
    meddle(&env, &old, |photo| photo.trashed_at = Some(ago(30 * DAY + 60))).await;
    meddle(&env, &young, |photo| photo.trashed_at = Some(ago(29 * DAY))).await;
    meddle(&env, &back, |photo| photo.trashed_at = Some(ago(31 * DAY))).await;
    trash::restore(&env.table, &ada, &back).await.expect("restored");
    let key = env.photo(&ada, &old).await.original_key();
    assert!(!media.list(&format!("media/{old}/")).await.expect("a listing").is_empty());

    for _ in 0..2 {
        trash::purge(&env.table, &env.originals, &media, now()).await.expect("purged");
    }
    assert!(timeline::photo(&env.table, &ada, &old).await.is_err());
    assert_eq!(env.originals.versions(&key).await.expect("a listing"), Vec::<String>::new());
    assert_eq!(
        media.list(&format!("media/{old}/")).await.expect("a listing"),
        Vec::<String>::new()
    );
    assert!(env.photo(&ada, &young).await.trashed_at.is_some());
    let back = env.photo(&ada, &back).await;
    assert_eq!((back.trashed_at, back.state.clone()), (None, State::Ready));
    assert!(env.originals.has(&back.original_key()).await.expect("an answer"));
}

#[tokio::test]
async fn what_fills_more_than_one_listing_is_listed_and_deleted_whole() {
    // One more than a listing of S3 holds.
    const MANY: usize = 1001;
    let env = TestEnv::open().await;
    let media = env.cloud.media().expect("the media");
    let photo = uuid::Uuid::now_v7();
    let (sidecar, beside) = (format!("sidecars/PHOTO/{photo}/a"), format!("sidecars/PHOTO/{photo}/ab"));
    let renditions = format!("media/{photo}/");
    for number in 0..MANY {
        let put = env.originals.put_sidecar(&sidecar, b"{}".to_vec()).await;
        put.expect("a version");
        let put = media.put(&format!("{renditions}{number}"), "image/webp", vec![1]).await;
        put.expect("a rendition");
    }
    env.originals.put_sidecar(&beside, b"{}".to_vec()).await.expect("a version");
    env.originals.remove_sidecar(&sidecar).await.expect("a deletion");
    let versions = env.originals.versions(&sidecar).await.expect("a listing");
    let apart: HashSet<&String> = versions.iter().collect();
    assert_eq!((versions.len(), apart.len()), (MANY + 1, MANY + 1));
    assert_eq!(media.list(&renditions).await.expect("a listing").len(), MANY);

    for _ in 0..2 {
        env.originals.purge(&sidecar).await.expect("purged");
        media.remove_all(&renditions).await.expect("removed");
    }
    let left = env.originals.versions(&sidecar).await.expect("a listing");
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(media.list(&renditions).await.expect("a listing"), Vec::<String>::new());
    assert_eq!(env.originals.versions(&beside).await.expect("a listing").len(), 1);
}

#[tokio::test]
async fn the_trash_is_no_part_of_the_timeline_and_somebody_elses_photo_is_not_there() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.library("ada").await, env.library("ben").await);
    let (photo, _) = env.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    let shown = async || {
        timeline::timeline(&env.table, &ada, &Start::Newest)
            .await
            .expect("a page")
            .items
            .len()
    };
    assert!(trash::trash(&env.table, &ben, &photo.id).await.is_err());
    assert_eq!(shown().await, 1);
    trash::trash(&env.table, &ada, &photo.id).await.expect("trashed");
    assert_eq!(shown().await, 0);
    assert!(trash::restore(&env.table, &ben, &photo.id).await.is_err());
    trash::restore(&env.table, &ada, &photo.id).await.expect("restored");
    assert_eq!(shown().await, 1);
}

#[tokio::test]
async fn an_original_that_is_not_what_was_uploaded_is_found() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let dogs = fixture("dogs.jpg");
    let whole = env.upload_bytes(&ada, "dogs.jpg", &dogs).await;
    let damaged = env.upload_bytes(&ada, "dogs.jpg", &unique_copy(&dogs)).await;
    for id in [&whole, &damaged] {
        env.processed(&ada, id).await;
    }
    meddle(&env, &damaged, |photo| photo.sha256 = "another".into()).await;
    let found = async |id: &PhotoId| {
        let key = env.photo(&ada, id).await.original_key();
        let before = &key[..key.len() - 1];
        let verified = verify::verify(&env.table, &env.originals, Some(before))
            .await
            .expect("a slice");
        (verified.originals > 0, verified.damaged.contains(&key))
    };
    assert_eq!(found(&whole).await, (true, false));
    assert_eq!(found(&damaged).await, (true, true));
}
