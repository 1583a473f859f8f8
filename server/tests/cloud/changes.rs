//! The table's stream: numbers that stay, and sidecars, against the real table, bus and bucket.

use crate::cast::{Home, fixture, until};
use model::ids::PhotoId;
use serde_json::{Value, json};
use server::accounts::records::AccountRecord;
use server::changes::{Here, on_changes};
use server::live::missed;
use server::photos::change::change;
use server::photos::records::PhotoRecord;

fn here(home: &Home) -> Here {
    Here {
        table: home.table.clone(),
        bus: home.cloud.bus().expect("the bus"),
        originals: home.originals.clone(),
    }
}

fn record(id: &str, sequence: &str, photo: &PhotoRecord) -> Value {
    let image: serde_dynamo::Item = serde_dynamo::to_item(photo).expect("an image");
    json!({ "eventID": id, "dynamodb": { "SequenceNumber": sequence, "Keys": keys(&photo.id.to_string()), "NewImage": image } })
}

fn keys(photo: &str) -> Value {
    json!({ "pk": { "S": format!("PHOTO#{photo}") }, "sk": { "S": "PHOTO" } })
}

async fn sidecar(home: &Home, id: &PhotoId) -> Option<Value> {
    let text = home.originals.read(&format!("sidecars/PHOTO/{id}/PHOTO.json")).await.ok()?;
    Some(serde_json::from_slice(&text).expect("json"))
}

#[tokio::test]
async fn a_change_that_comes_twice_keeps_its_number() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let (photo, _) = home.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    let last = async || missed::last_number(&home.table, &ada).await.expect("a number");
    until("its grant is told", async || last().await == 1).await;
    let record = record(&photo.random, "1", &photo);
    let changes = || serde_json::from_value(json!({ "Records": [record, record] })).expect("changes");
    for _ in 0..2 {
        on_changes(&here(&home), changes()).await.expect("told");
    }
    assert_eq!(last().await, 2);
}

#[tokio::test]
async fn a_change_that_cannot_be_read_is_asked_for_again_and_those_before_it_are_not() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let (photo, _) = home.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    let unreadable = json!({ "eventID": format!("{}-b", photo.id), "dynamodb": {
        "SequenceNumber": "2", "Keys": keys("x"), "NewImage": { "pk": { "S": "PHOTO#x" } } } });
    let changes = json!({ "Records": [
        record(&format!("{}-a", photo.id), "1", &photo), unreadable, record(&format!("{}-c", photo.id), "3", &photo),
    ] });
    let failures = on_changes(&here(&home), serde_json::from_value(changes).expect("changes"))
        .await
        .expect("an answer");
    let failures = serde_json::to_value(failures).expect("json");
    assert_eq!(failures, json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] }));
}

#[tokio::test]
async fn a_row_that_lasts_has_its_sidecar_and_loses_it_with_the_row() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let id = home.upload(&ada, "dogs.jpg").await;
    let ready = home.settled(&ada, &id).await;
    let row = async || sidecar(&home, &id).await.map(|sidecar| sidecar["row"].clone());
    until("the sidecar is as the row", async || {
        let row: Option<PhotoRecord> = row().await.and_then(|row| serde_json::from_value(row).ok());
        row.as_ref() == Some(&ready)
    })
    .await;
    assert_eq!(row().await.expect("a row")["pk"], format!("PHOTO#{id}"));
    home.table.take::<PhotoRecord>(&PhotoRecord::key(&id)).await.expect("taken");
    until("the sidecar is gone", async || sidecar(&home, &id).await.is_none()).await;
}

#[tokio::test]
async fn accounts_have_sidecars_and_sessions_have_none() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let account = ada.account();
    let address = format!("sidecars/ACCOUNT/{account}/ACCOUNT.json");
    until("the account's sidecar", async || home.originals.read(&address).await.is_ok()).await;
    let text = home.originals.read(&address).await.expect("a sidecar");
    let kept: Value = serde_json::from_slice(&text).expect("json");
    let row: AccountRecord = serde_json::from_value(kept["row"].clone()).expect("a row in plain JSON");
    assert_eq!((&row.id, row.email.as_str()), (account, "ada@example.org"));
    // Her session was written after it, and a photo after that.
    let (photo, _) = home.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    until("the photo's sidecar", async || sidecar(&home, &photo.id).await.is_some()).await;
    let sessions = home.originals.list("sidecars/SESSION/").await.expect("a listing");
    assert_eq!(sessions.keys, Vec::<String>::new());
}

#[tokio::test]
async fn a_change_of_a_row_nobody_asked_for_is_passed_over() {
    let home = Home::open().await;
    let changes = json!({ "Records": [{ "eventID": "x", "dynamodb": {
        "SequenceNumber": "1",
        "Keys": { "pk": { "S": "SESSION#x" }, "sk": { "S": "SESSION" } },
        "NewImage": { "pk": { "S": "SESSION#x" }, "ttl": { "N": "1" } } } }] });
    let failures = on_changes(&here(&home), serde_json::from_value(changes).expect("changes")).await;
    let failures = serde_json::to_value(failures.expect("an answer")).expect("json");
    assert_eq!(failures, json!({ "batchItemFailures": [] }));
    assert!(
        home.originals
            .list("sidecars/SESSION/")
            .await
            .expect("a listing")
            .keys
            .is_empty()
    );
}

#[tokio::test]
async fn what_changes_while_it_is_told_is_told_as_it_was() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let (photo, _) = home.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    change(&home.table, &photo.id, PhotoRecord::give_up).await.expect("given up");
    let told = async || missed::missed(&home.table, &ada, 0).await.expect("an answer").expect("all");
    until("both are told", async || told().await.len() == 2).await;
    let histories = told().await.into_iter().map(|event| {
        let model::live::News::PhotoChanged { photo } = event.news;
        photo.history.len()
    });
    assert_eq!(histories.collect::<Vec<_>>(), [1, 2]);
}
