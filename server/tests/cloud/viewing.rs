//! Browsing a library and amending photos, against the real table and stream.

use crate::fixtures::{TestEnv, fixture, put, wait_until};
use model::ids::PhotoId;
use model::photos::{Amendment, DateSource, EARLIEST_WALL, MAX_CAPTION_CHARS, State, latest_wall};
use model::time::{Day, Time};
use model::timeline::{Collection, DayCount, Start};
use model::user_error::UserError;
use serde_json::json;
use server::albums::access::OpenLibrary;
use server::error::AppError;
use server::now;
use server::photos::records::PhotoRecord;
use server::photos::{amend, collections, days, timeline, trash};
use server::stream::{HandlerContext, on_changes};

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

async fn counted(env: &TestEnv, library: &OpenLibrary) -> Vec<DayCount> {
    days::days(&env.table, library).await.expect("days")
}

async fn amended(env: &TestEnv, library: &OpenLibrary, id: &PhotoId, amendment: Amendment) -> PhotoRecord {
    amend::amend(&env.table, library, id, amendment).await.expect("an amendment")
}

async fn ids_on(env: &TestEnv, library: &OpenLibrary, collection: Collection) -> Vec<PhotoId> {
    let page = collections::collection(&env.table, library, collection, &Start::Newest)
        .await
        .expect("a collection");
    page.items.into_iter().map(|photo| photo.id).collect()
}

#[tokio::test]
async fn days_are_counted_in_local_time_without_archived_and_trashed_photos() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let dogs = env.upload(&ada, "dogs.jpg").await;
    let sunset = env.upload(&ada, "sunset.jpg").await;
    env.processed(&ada, &dogs).await;
    env.processed(&ada, &sunset).await;
    let both = [DayCount(day("2018-06-23"), 1), DayCount(day("2017-12-31"), 1)];
    wait_until("both days are counted", async || counted(&env, &ada).await == both).await;
    amended(&env, &ada, &sunset, Amendment::Archived { on: true }).await;
    wait_until("archived photos are not counted", async || {
        counted(&env, &ada).await == both[..1]
    })
    .await;
    trash::trash(&env.table, &ada, &dogs).await.expect("the trash");
    wait_until("trashed photos are not counted", async || {
        counted(&env, &ada).await.is_empty()
    })
    .await;
    amended(&env, &ada, &sunset, Amendment::Archived { on: false }).await;
    trash::restore(&env.table, &ada, &dogs).await.expect("restored");
    wait_until("both are counted again", async || counted(&env, &ada).await == both).await;
}

#[tokio::test]
async fn a_duplicate_change_is_counted_once() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let (photo, _) = env.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    wait_until("its grant is counted", async || counted(&env, &ada).await.len() == 1).await;
    let mut moved = photo.clone();
    moved.taken_at = Time(0);
    moved.update_index_keys();
    let image = |photo: &PhotoRecord| -> serde_dynamo::Item { serde_dynamo::to_item(photo).expect("an image") };
    let record = json!({ "eventID": photo.random, "dynamodb": {
        "SequenceNumber": "1",
        "Keys": { "pk": { "S": format!("PHOTO#{}", photo.id) }, "sk": { "S": "PHOTO" } },
        "OldImage": image(&photo), "NewImage": image(&moved) } });
    let context = HandlerContext {
        table: env.table.clone(),
        bus: env.cloud.bus().expect("the bus"),
        originals: env.originals.clone(),
    };
    for _ in 0..2 {
        let changes = serde_json::from_value(json!({ "Records": [record, record] })).expect("changes");
        on_changes(&context, changes).await.expect("handled");
    }
    assert_eq!(counted(&env, &ada).await, [DayCount(Day(0), 1)]);
}

#[tokio::test]
async fn favourites_and_archive_are_listed_and_amendments_are_idempotent() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let id = env.upload(&ada, "cat.png").await;
    env.processed(&ada, &id).await;
    let favourite = amended(&env, &ada, &id, Amendment::Favourite { on: true }).await;
    let again = amended(&env, &ada, &id, Amendment::Favourite { on: true }).await;
    assert_eq!(favourite.revision, again.revision);
    assert_eq!(ids_on(&env, &ada, Collection::Favourites).await, std::slice::from_ref(&id));
    amended(&env, &ada, &id, Amendment::Archived { on: true }).await;
    wait_until("it is in the archive", async || {
        ids_on(&env, &ada, Collection::Archive).await == std::slice::from_ref(&id)
    })
    .await;
    assert_eq!(ids_on(&env, &ada, Collection::Favourites).await, std::slice::from_ref(&id));
    trash::trash(&env.table, &ada, &id).await.expect("the trash");
    assert!(ids_on(&env, &ada, Collection::Favourites).await.is_empty());
    let trashed = amended(&env, &ada, &id, Amendment::Favourite { on: false }).await;
    assert!(trashed.favourite, "trashed photos cannot be amended");
}

#[tokio::test]
async fn captions_rotations_and_dates_are_validated() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.library("ada").await, env.library("ben").await);
    let (photo, _) = env.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    let text = " Two dogs\n\u{7}at the sea ".to_owned();
    let written = amended(&env, &ada, &photo.id, Amendment::Caption { text }).await;
    assert_eq!(written.caption.as_deref(), Some("Two dogs\nat the sea"));
    let text = "  ".to_owned();
    assert_eq!(
        amended(&env, &ada, &photo.id, Amendment::Caption { text }).await.caption,
        None
    );
    assert_eq!(
        amended(&env, &ada, &photo.id, Amendment::Turned { quarters: 3 }).await.turned,
        3
    );
    let dated = |wall| Amendment::Dated { wall: Some(wall) };
    let refused = [
        (&ada, Amendment::Turned { quarters: 4 }, UserError::Malformed),
        (
            &ada,
            Amendment::Caption {
                text: "x".repeat(MAX_CAPTION_CHARS + 1),
            },
            UserError::Malformed,
        ),
        (&ada, dated(Time(EARLIEST_WALL.0 - 1)), UserError::Malformed),
        (&ada, dated(latest_wall(now()).plus_seconds(60)), UserError::Malformed),
        (&ada, dated(Time(i64::MAX)), UserError::Malformed),
        (&ben, Amendment::Favourite { on: true }, UserError::NotFound),
        (&ben, dated(Time(0)), UserError::NotFound),
    ];
    for (library, amendment, user_error) in refused {
        let result = amend::amend(&env.table, library, &photo.id, amendment).await;
        assert!(matches!(result, Err(AppError::User(found)) if found == user_error));
    }
}

#[tokio::test]
async fn a_corrected_date_moves_a_photo_and_can_be_reset() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("dogs.jpg");
    let (photo, presigned) = env.grant(&ada, "dogs.jpg", &bytes).await;
    let id = photo.id;
    let wall = day("1987-03-02").begins().plus_seconds(3600);
    let correction = Amendment::Dated { wall: Some(wall) };
    let first = amended(&env, &ada, &id, correction.clone()).await;
    let second = amended(&env, &ada, &id, correction).await;
    assert_eq!(first.revision, second.revision);
    amended(&env, &ada, &id, Amendment::Favourite { on: true }).await;
    assert_eq!(put(&presigned, &bytes), 200);

    let shown = env.processed(&ada, &id).await.photo();
    assert_eq!(
        (shown.wall(), shown.date_source, shown.zone()),
        (wall, DateSource::Owner, None),
        "inspection keeps the correction"
    );
    wait_until("it is counted at its corrected date", async || {
        counted(&env, &ada).await == [DayCount(day("1987-03-02"), 1)]
    })
    .await;
    assert_eq!(ids_on(&env, &ada, Collection::Favourites).await, std::slice::from_ref(&id));

    let found = amended(&env, &ada, &id, Amendment::Dated { wall: None }).await.photo();
    assert_eq!((found.day(), found.date_source), (day("2018-06-23"), DateSource::Metadata));
    wait_until("it is counted at the date of its metadata", async || {
        counted(&env, &ada).await == [DayCount(day("2018-06-23"), 1)]
    })
    .await;
    assert_eq!(ids_on(&env, &ada, Collection::Favourites).await, [id], "listed once");
}

#[tokio::test]
async fn a_page_can_start_at_a_day_and_neighbours_are_found() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let mut ids = vec![];
    for name in ["dogs.jpg", "sunset.jpg", "dandelions.jpg"] {
        let id = env.upload(&ada, name).await;
        env.processed(&ada, &id).await;
        ids.push(id);
    }
    let page = async |start: Start| {
        let page = timeline::timeline(&env.table, &ada, &start).await.expect("a page");
        page.items.into_iter().map(|photo| photo.id).collect::<Vec<_>>()
    };
    wait_until("the index is complete", async || page(Start::Newest).await.len() == 3).await;
    let all = page(Start::Newest).await;
    let position = |id: &PhotoId| all.iter().position(|other| other == id).expect("on the page");
    assert_eq!(page(Start::Day(day("2018-06-23"))).await, all[position(&ids[0])..]);
    assert_eq!(page(Start::Day(day("2018-06-22"))).await, all[position(&ids[0]) + 1..]);
    assert!(page(Start::Day(day("1999-01-01"))).await.is_empty());
    let malformed = timeline::timeline(&env.table, &ada, &Start::Behind("x".into())).await;
    assert!(matches!(malformed, Err(AppError::User(UserError::Malformed))));
    for (at, id) in all.iter().enumerate() {
        let (newer, older) = collections::neighbours(&env.table, &ada, id, None).await.expect("neighbours");
        assert_eq!(newer.first().map(|photo| &photo.id), at.checked_sub(1).map(|at| &all[at]));
        assert_eq!(older.first().map(|photo| &photo.id), all.get(at + 1));
    }
}

/// More than two pages of photos with the same date, newest first.
async fn burst(env: &TestEnv, library: &OpenLibrary) -> Vec<PhotoId> {
    let other = env.library("ben").await;
    let (sample, _) = env.grant(&other, "dogs.jpg", &fixture("dogs.jpg")).await;
    let photos: Vec<_> = (0..250)
        .map(|_| {
            let mut photo = PhotoRecord {
                id: uuid::Uuid::now_v7().to_string().parse().expect("an id"),
                library: library.account().clone(),
                state: State::Ready,
                taken_at: Time(1_529_762_400_000),
                ..sample.clone()
            };
            photo.update_index_keys();
            photo
        })
        .collect();
    let rows = photos.iter().map(|photo| (PhotoRecord::key(&photo.id), photo));
    env.table.put_many(rows.collect()).await.expect("photos");
    let mut ids: Vec<_> = photos.into_iter().map(|photo| photo.id).collect();
    ids.sort();
    ids.reverse();
    ids
}

#[tokio::test]
async fn photos_with_the_same_date_appear_once_on_pages_and_as_neighbours() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let ids = burst(&env, &ada).await;
    let all_pages = async || {
        let (mut found, mut start) = (vec![], Start::Newest);
        loop {
            let page = timeline::timeline(&env.table, &ada, &start).await.expect("a page");
            let last = page.items.last().map(|photo| photo.timeline_sk.clone());
            found.extend(page.items.into_iter().map(|photo| photo.id));
            match last {
                Some(cursor) if page.more => start = Start::Behind(cursor),
                _ => return found,
            }
        }
    };
    wait_until("the index is complete", async || all_pages().await.len() >= ids.len()).await;
    assert_eq!(all_pages().await, ids);
    for (at, id) in ids.iter().enumerate() {
        let (newer, older) = collections::neighbours(&env.table, &ada, id, None).await.expect("neighbours");
        assert_eq!(newer.first().map(|photo| &photo.id), at.checked_sub(1).map(|at| &ids[at]));
        assert_eq!(older.first().map(|photo| &photo.id), ids.get(at + 1));
    }
}

#[tokio::test]
async fn neighbours_in_a_collection_belong_to_it() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.library("ada").await, env.library("ben").await);
    let mut ids = vec![];
    for name in ["cat.png", "cup.png", "dogs.jpg"] {
        let id = env.upload(&ada, name).await;
        env.processed(&ada, &id).await;
        amended(&env, &ada, &id, Amendment::Favourite { on: true }).await;
        ids.push(id);
    }
    let neighbours = async |id: &PhotoId, collection: Collection| {
        let (newer, older) = collections::neighbours(&env.table, &ada, id, Some(collection))
            .await
            .expect("neighbours");
        let first = |photos: Vec<PhotoRecord>| photos.first().map(|photo| photo.id.clone());
        (first(newer), first(older))
    };
    let page = collections::collection(&env.table, &ada, Collection::Favourites, &Start::Newest)
        .await
        .expect("a page");
    let all: Vec<PhotoId> = page.items.into_iter().map(|photo| photo.id).collect();
    assert_eq!(all.len(), 3);
    for (at, id) in all.iter().enumerate() {
        let expected = (at.checked_sub(1).map(|at| all[at].clone()), all.get(at + 1).cloned());
        assert_eq!(neighbours(id, Collection::Favourites).await, expected);
    }
    // A former favourite keeps its neighbours.
    amended(&env, &ada, &all[1], Amendment::Favourite { on: false }).await;
    assert_eq!(
        neighbours(&all[1], Collection::Favourites).await,
        (Some(all[0].clone()), Some(all[2].clone()))
    );
    assert_eq!(
        neighbours(&all[0], Collection::Favourites).await,
        (None, Some(all[2].clone()))
    );
    for id in [&all[0], &all[2]] {
        amended(&env, &ada, id, Amendment::Archived { on: true }).await;
    }
    wait_until("the index has both", async || {
        neighbours(&all[0], Collection::Archive).await.1.as_ref() == Some(&all[2])
    })
    .await;
    let others = collections::neighbours(&env.table, &ben, &all[0], Some(Collection::Favourites)).await;
    assert!(matches!(others, Err(AppError::User(UserError::NotFound))));
}
