//! Scheduled jobs, against the real table, buckets and workflow.

use crate::fixtures::{TestEnv, fixture, put, unique_copy};
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

/// Changes a photo's row directly.
async fn modify(env: &TestEnv, id: &PhotoId, mut modification: impl FnMut(&mut PhotoRecord)) {
    let modified = change(&env.table, id, |photo, _| {
        modification(photo);
        photo.update_index_keys();
        true
    });
    modified.await.expect("changed").expect("a photo");
}

fn ago(seconds: i64) -> Time {
    now().plus_seconds(-seconds)
}

#[tokio::test]
async fn only_expired_grants_are_swept() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("dogs.jpg");
    let (expired, _) = env.grant(&ada, "dogs.jpg", &bytes).await;
    let (valid, _) = env.grant(&ada, "dogs.jpg", &unique_copy(&bytes)).await;
    modify(&env, &expired.id, |photo| photo.grant_ends_at = ago(1801)).await;
    modify(&env, &valid.id, |photo| photo.grant_ends_at = ago(1700)).await;
    for _ in 0..2 {
        sweep::sweep(&env.table, &env.originals, &env.workflow, now())
            .await
            .expect("swept");
    }
    let expired = env.photo(&ada, &expired.id).await;
    assert_eq!(
        expired.state,
        State::Refused {
            reason: Reason::NotDelivered
        }
    );
    assert_eq!(expired.history.len(), 2);
    assert_eq!(env.photo(&ada, &valid.id).await.state, State::Expected);
}

#[tokio::test]
async fn the_sweep_processes_uploads_whose_event_was_lost() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("dogs.jpg");
    let (photo, presigned) = env.grant(&ada, "dogs.jpg", &bytes).await;
    assert_eq!(put(&presigned, &bytes), 200);
    env.processed(&ada, &photo.id).await;
    modify(&env, &photo.id, |photo| {
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
async fn a_photo_is_purged_with_all_its_versions_after_thirty_days_in_the_trash() {
    let env = TestEnv::open().await;
    let media = env.cloud.media().expect("the media");
    let ada = env.library("ada").await;
    let dogs = fixture("dogs.jpg");
    let (old, recent, restored) = (
        env.upload_bytes(&ada, "dogs.jpg", &dogs).await,
        env.upload_bytes(&ada, "dogs.jpg", &unique_copy(&dogs)).await,
        env.upload_bytes(&ada, "dogs.jpg", &unique_copy(&dogs)).await,
    );
    for id in [&old, &recent, &restored] {
        env.complete(&ada, id).await;
        trash::trash(&env.table, &ada, id).await.expect("trashed");
    }
    modify(&env, &old, |photo| photo.trashed_at = Some(ago(30 * DAY + 60))).await;
    modify(&env, &recent, |photo| photo.trashed_at = Some(ago(29 * DAY))).await;
    modify(&env, &restored, |photo| photo.trashed_at = Some(ago(31 * DAY))).await;
    trash::restore(&env.table, &ada, &restored).await.expect("restored");
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
    assert!(env.photo(&ada, &recent).await.trashed_at.is_some());
    let restored = env.photo(&ada, &restored).await;
    assert_eq!((restored.trashed_at, restored.state.clone()), (None, State::Ready));
    assert!(env.originals.has(&restored.original_key()).await.expect("a result"));
}

#[tokio::test]
async fn listings_of_several_pages_are_read_and_deleted_completely() {
    // One more than a page of an S3 listing.
    const COUNT: usize = 1001;
    let env = TestEnv::open().await;
    let media = env.cloud.media().expect("the media");
    let photo = uuid::Uuid::now_v7();
    let (sidecar, same_prefix) = (format!("sidecars/PHOTO/{photo}/a"), format!("sidecars/PHOTO/{photo}/ab"));
    let renditions = format!("media/{photo}/");
    for number in 0..COUNT {
        let put = env.originals.put_sidecar(&sidecar, b"{}".to_vec()).await;
        put.expect("a version");
        let put = media.put(&format!("{renditions}{number}"), "image/webp", vec![1]).await;
        put.expect("a rendition");
    }
    env.originals
        .put_sidecar(&same_prefix, b"{}".to_vec())
        .await
        .expect("a version");
    env.originals.remove_sidecar(&sidecar).await.expect("a deletion");
    let versions = env.originals.versions(&sidecar).await.expect("a listing");
    let distinct: HashSet<&String> = versions.iter().collect();
    assert_eq!((versions.len(), distinct.len()), (COUNT + 1, COUNT + 1));
    assert_eq!(media.list(&renditions).await.expect("a listing").len(), COUNT);

    for _ in 0..2 {
        env.originals.purge(&sidecar).await.expect("purged");
        media.remove_all(&renditions).await.expect("removed");
    }
    let left = env.originals.versions(&sidecar).await.expect("a listing");
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(media.list(&renditions).await.expect("a listing"), Vec::<String>::new());
    assert_eq!(env.originals.versions(&same_prefix).await.expect("a listing").len(), 1);
}

#[tokio::test]
async fn trashed_photos_leave_the_timeline_and_others_cannot_trash_or_restore_them() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.library("ada").await, env.library("ben").await);
    let (photo, _) = env.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    let count = async || {
        timeline::timeline(&env.table, &ada, &Start::Newest)
            .await
            .expect("a page")
            .items
            .len()
    };
    assert!(trash::trash(&env.table, &ben, &photo.id).await.is_err());
    assert_eq!(count().await, 1);
    trash::trash(&env.table, &ada, &photo.id).await.expect("trashed");
    assert_eq!(count().await, 0);
    assert!(trash::restore(&env.table, &ben, &photo.id).await.is_err());
    trash::restore(&env.table, &ada, &photo.id).await.expect("restored");
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn a_damaged_original_is_found() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let dogs = fixture("dogs.jpg");
    let intact = env.upload_bytes(&ada, "dogs.jpg", &dogs).await;
    let damaged = env.upload_bytes(&ada, "dogs.jpg", &unique_copy(&dogs)).await;
    for id in [&intact, &damaged] {
        env.processed(&ada, id).await;
    }
    modify(&env, &damaged, |photo| photo.sha256 = "another".into()).await;
    let verify = async |id: &PhotoId| {
        let key = env.photo(&ada, id).await.original_key();
        let before = &key[..key.len() - 1];
        let verified = verify::verify(&env.table, &env.originals, Some(before))
            .await
            .expect("a slice");
        (verified.originals > 0, verified.damaged.contains(&key))
    };
    assert_eq!(verify(&intact).await, (true, false));
    assert_eq!(verify(&damaged).await, (true, true));
}
