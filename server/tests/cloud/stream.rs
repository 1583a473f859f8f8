//! The table's change stream: idempotent sequence numbers, and sidecars, against the real table, bus and bucket.

use crate::fixtures::{TestEnv, fixture, wait_until};
use model::ids::PhotoId;
use serde_json::{Value, json};
use server::accounts::records::AccountRecord;
use server::live::catch_up;
use server::photos::change::change;
use server::photos::records::PhotoRecord;
use server::stream::{HandlerContext, on_changes};

fn context(env: &TestEnv) -> HandlerContext {
    HandlerContext {
        table: env.table.clone(),
        bus: env.cloud.bus().expect("the bus"),
        originals: env.originals.clone(),
    }
}

fn record(id: &str, sequence: &str, photo: &PhotoRecord) -> Value {
    let image: serde_dynamo::Item = serde_dynamo::to_item(photo).expect("an image");
    json!({ "eventID": id, "dynamodb": { "SequenceNumber": sequence, "Keys": keys(&photo.id.to_string()), "NewImage": image } })
}

fn keys(photo: &str) -> Value {
    json!({ "pk": { "S": format!("PHOTO#{photo}") }, "sk": { "S": "PHOTO" } })
}

async fn sidecar(env: &TestEnv, id: &PhotoId) -> Option<Value> {
    let text = env.originals.read(&format!("sidecars/PHOTO/{id}/PHOTO.json")).await.ok()?;
    Some(serde_json::from_slice(&text).expect("json"))
}

#[tokio::test]
async fn a_duplicate_change_keeps_its_sequence_number() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let (photo, _) = env.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    let last = async || catch_up::last_number(&env.table, &ada).await.expect("a number");
    wait_until("its grant is published", async || last().await == 1).await;
    let record = record(&photo.random, "1", &photo);
    let changes = || serde_json::from_value(json!({ "Records": [record, record] })).expect("changes");
    for _ in 0..2 {
        on_changes(&context(&env), changes()).await.expect("handled");
    }
    assert_eq!(last().await, 2);
}

#[tokio::test]
async fn a_batch_is_retried_from_an_unreadable_change_on() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let (photo, _) = env.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    let unreadable = json!({ "eventID": format!("{}-b", photo.id), "dynamodb": {
        "SequenceNumber": "2", "Keys": keys("x"), "NewImage": { "pk": { "S": "PHOTO#x" } } } });
    let changes = json!({ "Records": [
        record(&format!("{}-a", photo.id), "1", &photo), unreadable, record(&format!("{}-c", photo.id), "3", &photo),
    ] });
    let failures = on_changes(&context(&env), serde_json::from_value(changes).expect("changes"))
        .await
        .expect("a result");
    let failures = serde_json::to_value(failures).expect("json");
    assert_eq!(failures, json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] }));
}

#[tokio::test]
async fn a_sidecar_is_written_and_deleted_with_its_row() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let id = env.upload(&ada, "dogs.jpg").await;
    let ready = env.processed(&ada, &id).await;
    let row = async || sidecar(&env, &id).await.map(|sidecar| sidecar["row"].clone());
    wait_until("the sidecar equals the row", async || {
        let row: Option<PhotoRecord> = row().await.and_then(|row| serde_json::from_value(row).ok());
        row.as_ref() == Some(&ready)
    })
    .await;
    assert_eq!(row().await.expect("a row")["pk"], format!("PHOTO#{id}"));
    env.table
        .delete_returning::<PhotoRecord>(&PhotoRecord::key(&id))
        .await
        .expect("taken");
    wait_until("the sidecar is gone", async || sidecar(&env, &id).await.is_none()).await;
}

#[tokio::test]
async fn accounts_have_sidecars_and_sessions_have_none() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let account = ada.account();
    let address = format!("sidecars/ACCOUNT/{account}/ACCOUNT.json");
    wait_until("the account's sidecar", async || env.originals.read(&address).await.is_ok()).await;
    let text = env.originals.read(&address).await.expect("a sidecar");
    let kept: Value = serde_json::from_slice(&text).expect("json");
    let row: AccountRecord = serde_json::from_value(kept["row"].clone()).expect("a row in plain JSON");
    assert_eq!((&row.id, row.email.as_str()), (account, "ada@example.org"));
    // The session was written before the photo: its change has been handled, too.
    let (photo, _) = env.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    wait_until("the photo's sidecar", async || sidecar(&env, &photo.id).await.is_some()).await;
    let sessions = env.originals.list("sidecars/SESSION/").await.expect("a listing");
    assert_eq!(sessions.keys, Vec::<String>::new());
}

#[tokio::test]
async fn a_change_of_another_row_is_ignored() {
    let env = TestEnv::open().await;
    let changes = json!({ "Records": [{ "eventID": "x", "dynamodb": {
        "SequenceNumber": "1",
        "Keys": { "pk": { "S": "SESSION#x" }, "sk": { "S": "SESSION" } },
        "NewImage": { "pk": { "S": "SESSION#x" }, "ttl": { "N": "1" } } } }] });
    let failures = on_changes(&context(&env), serde_json::from_value(changes).expect("changes")).await;
    let failures = serde_json::to_value(failures.expect("a result")).expect("json");
    assert_eq!(failures, json!({ "batchItemFailures": [] }));
    assert!(
        env.originals
            .list("sidecars/SESSION/")
            .await
            .expect("a listing")
            .keys
            .is_empty()
    );
}

#[tokio::test]
async fn each_change_is_published_with_its_own_image() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let (photo, _) = env.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    change(&env.table, &photo.id, PhotoRecord::cancel).await.expect("cancelled");
    let events = async || catch_up::missed(&env.table, &ada, 0).await.expect("a result").expect("all");
    wait_until("both are published", async || events().await.len() == 2).await;
    let histories = events().await.into_iter().map(|event| {
        let model::live::LiveUpdate::PhotoChanged { photo } = event.news;
        photo.history.len()
    });
    assert_eq!(histories.collect::<Vec<_>>(), [1, 2]);
}
