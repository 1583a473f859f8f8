//! Numbers, tickets and what was missed, against the real table and bus.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod cast;

use cast::{Home, fixture};
use model::live::News;
use model::photos::State;
use serde_json::json;
use server::aws::settings::Setting;
use server::live::{missed, number, ticket};

#[tokio::test]
async fn every_step_of_a_photo_gets_the_next_number_and_can_be_asked_for_again() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let id = home.upload(&ada, "dogs.jpg").await;
    home.settled(&ada, &id).await;
    while missed::last_number(&home.table, &ada).await.expect("a number") < 6 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let events = missed::missed(&home.table, &ada, 0)
        .await
        .expect("an answer")
        .expect("all of them");
    assert_eq!(
        events.iter().map(|event| event.number).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6]
    );
    let News::PhotoChanged { photo } = &events[5].news;
    assert_eq!((photo.state.clone(), photo.history.len()), (State::Ready, 6));
    assert_eq!(
        missed::missed(&home.table, &ada, 4)
            .await
            .expect("an answer")
            .map(|events| events.len()),
        Some(2)
    );
    assert_eq!(
        missed::missed(&home.table, &ada, 6)
            .await
            .expect("an answer")
            .map(|events| events.len()),
        Some(0)
    );
}

#[tokio::test]
async fn a_change_that_comes_twice_keeps_its_number() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let bus = home.cloud.bus().expect("the bus");
    let (photo, _) = home.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    while missed::last_number(&home.table, &ada).await.expect("a number") < 1 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let image: serde_dynamo::Item = serde_dynamo::to_item(&photo).expect("an image");
    let record = json!({ "eventID": photo.random, "dynamodb": { "SequenceNumber": "1", "NewImage": image } });
    let changes = || serde_json::from_value(json!({ "Records": [record, record] })).expect("changes");
    for _ in 0..2 {
        number::on_changes(&home.table, &bus, changes()).await.expect("told");
    }
    assert_eq!(missed::last_number(&home.table, &ada).await.expect("a number"), 2);
}

#[tokio::test]
async fn a_change_that_cannot_be_read_is_asked_for_again_and_those_before_it_are_not() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let bus = home.cloud.bus().expect("the bus");
    let (photo, _) = home.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    let image: serde_dynamo::Item = serde_dynamo::to_item(&photo).expect("an image");
    let changes = json!({ "Records": [
        { "eventID": format!("{}-a", photo.id), "dynamodb": { "SequenceNumber": "1", "NewImage": image } },
        { "eventID": format!("{}-b", photo.id), "dynamodb": { "SequenceNumber": "2", "NewImage": { "pk": { "S": "PHOTO#x" } } } },
        { "eventID": format!("{}-c", photo.id), "dynamodb": { "SequenceNumber": "3", "NewImage": image } },
    ] });
    let failures = number::on_changes(&home.table, &bus, serde_json::from_value(changes).expect("changes"))
        .await
        .expect("an answer");
    let failures = serde_json::to_value(failures).expect("json");
    assert_eq!(failures, json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] }));
}

#[tokio::test]
async fn a_ticket_opens_once() {
    let home = Home::open().await;
    let ada = home.library("ada").await;
    let address = home.cloud.setting(Setting::SocketAddress).expect("an address");
    let issued = ticket::issue(&home.table, &ada, &address).await.expect("a ticket");
    let secret = issued.address.split("ticket=").nth(1).expect("a secret").to_owned();
    let redeemed = ticket::redeem(&home.table, &secret)
        .await
        .expect("an answer")
        .expect("a ticket");
    assert_eq!(redeemed.channel, ada.channel());
    assert!(ticket::redeem(&home.table, &secret).await.expect("an answer").is_none());
    assert!(
        ticket::redeem(&home.table, "no such secret")
            .await
            .expect("an answer")
            .is_none()
    );
}
