//! From the grant of a photo to its renditions, through the real bucket, bus, workflow and queues.

use crate::fixtures::{TestEnv, fixture, put};
use model::photos::{Reason, State};
use model::timeline::Start;
use model::user_error::UserError;
use server::error::AppError;
use server::photos::{grant, start, timeline};
use std::time::Duration;

#[tokio::test]
async fn the_buckets_event_starts_processing() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let id = env.upload(&ada, "dogs.jpg").await;
    let photo = env.processed(&ada, &id).await;
    let states: Vec<State> = photo.history.iter().map(|step| step.state.clone()).collect();
    let developing = |done| State::Developing { done, of: 2 };
    assert_eq!(
        states,
        [
            State::Expected,
            State::Received,
            developing(0),
            developing(1),
            developing(2),
            State::Ready
        ]
    );
    assert!(photo.history.is_sorted_by_key(|step| step.at), "{:?}", photo.history);
    let size = photo.size.expect("a size");
    assert!(size.height > size.width, "the orientation is applied: {size:?}");
}

#[tokio::test]
async fn duplicate_events_are_processed_once() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let id = env.upload(&ada, "dogs.jpg").await;
    for _ in 0..3 {
        start::complete_upload(&env.table, &env.originals, &env.workflow, &ada, &id)
            .await
            .expect("it is uploaded");
    }
    let ready = env.processed(&ada, &id).await;
    assert_eq!(
        (ready.state.clone(), ready.generation, ready.history.len()),
        (State::Ready, 1, 6)
    );
    let again = start::complete_upload(&env.table, &env.originals, &env.workflow, &ada, &id)
        .await
        .expect("it is uploaded");
    assert_eq!(again, ready);
}

#[tokio::test]
async fn an_invalid_file_is_refused_with_its_reason_and_others_are_processed() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bad = [
        ("bad/text.jpg", Reason::NotAPhoto { picture: false }),
        ("bad/truncated.jpg", Reason::Damaged),
        (
            "bad/bomb.jpg",
            Reason::TooManyPixels {
                width: 50_000,
                height: 50_000,
            },
        ),
        (
            "bad/bomb.png",
            Reason::TooManyPixels {
                width: 50_000,
                height: 50_000,
            },
        ),
    ];
    let mut refused = vec![];
    for (name, reason) in bad {
        refused.push((env.upload(&ada, name).await, reason));
    }
    let good = env.upload(&ada, "dogs.jpg").await;
    for (id, reason) in refused {
        assert_eq!(env.processed(&ada, &id).await.state, State::Refused { reason });
    }
    assert_eq!(env.processed(&ada, &good).await.state, State::Ready);
}

#[tokio::test]
async fn the_bucket_accepts_only_the_granted_bytes_once() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("dogs.jpg");
    let (photo, presigned) = env.grant(&ada, "dogs.jpg", &bytes).await;
    let mut other = bytes.clone();
    other[bytes.len() / 2] ^= 1;
    assert_eq!(put(&presigned, &other), 400, "other bytes");
    assert_eq!(put(&presigned, &bytes[1..]), 403, "another size");
    let announced = start::complete_upload(&env.table, &env.originals, &env.workflow, &ada, &photo.id).await;
    assert!(
        matches!(announced, Err(AppError::User(UserError::NotThereYet))),
        "{announced:?}"
    );
    assert_eq!(put(&presigned, &bytes), 200, "still granted");
    assert_eq!(put(&presigned, &bytes), 412, "uploaded already");
    assert_eq!(env.processed(&ada, &photo.id).await.state, State::Ready);
}

#[tokio::test]
async fn an_expired_grant_is_refused() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("dogs.jpg");
    let (photo, presigned) = env.grant_for(&ada, "dogs.jpg", &bytes, Duration::from_secs(2)).await;
    while server::now() <= photo.grant_ends_at.plus_seconds(1) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(put(&presigned, &bytes), 403);
    let announced = start::complete_upload(&env.table, &env.originals, &env.workflow, &ada, &photo.id).await;
    assert!(
        matches!(announced, Err(AppError::User(UserError::GrantExpired))),
        "{announced:?}"
    );
}

#[tokio::test]
async fn an_upload_after_cancelling_is_processed() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("dogs.jpg");
    let (photo, presigned) = env.grant(&ada, "dogs.jpg", &bytes).await;
    let cancelled = grant::cancel_upload(&env.table, &env.originals, &ada, &photo.id)
        .await
        .expect("a photo");
    assert_eq!(
        cancelled.state,
        State::Refused {
            reason: Reason::NotDelivered
        }
    );
    assert_eq!(put(&presigned, &bytes), 200);
    while env.photo(&ada, &photo.id).await.state == cancelled.state {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(env.processed(&ada, &photo.id).await.state, State::Ready);
}

#[tokio::test]
async fn the_photo_of_another_library_is_not_found() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.library("ada").await, env.library("ben").await);
    let bytes = fixture("dogs.jpg");
    let (photo, _) = env.grant(&ada, "dogs.jpg", &bytes).await;
    let unknown = uuid::Uuid::now_v7().to_string().parse().expect("an id");
    for id in [&photo.id, &unknown] {
        let results = [
            timeline::photo(&env.table, &ben, id).await.map(drop),
            grant::cancel_upload(&env.table, &env.originals, &ben, id).await.map(drop),
            start::complete_upload(&env.table, &env.originals, &env.workflow, &ben, id)
                .await
                .map(drop),
        ];
        for result in results {
            assert!(matches!(result, Err(AppError::User(UserError::NotFound))), "{result:?}");
        }
    }
    assert!(
        timeline::timeline(&env.table, &ben, &Start::Newest)
            .await
            .expect("a page")
            .items
            .is_empty()
    );
    assert_eq!(env.photo(&ada, &photo.id).await.state, State::Expected);
}
