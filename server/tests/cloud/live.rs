//! Sequence numbers, missed events and WebSocket tickets, against the real table.

use crate::fixtures::{TestEnv, fixture};
use model::events::{EVENT_VERSION, Event};
use model::live::LiveUpdate;
use model::photos::State;
use model::time::Time;
use server::aws::settings::Setting;
use server::live::records::{CounterRecord, MESSAGE_SECONDS, MessageRecord};
use server::live::{catch_up, ticket};

#[tokio::test]
async fn every_change_of_a_photo_gets_the_next_number_and_can_be_fetched_again() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let id = env.upload(&ada, "dogs.jpg").await;
    env.processed(&ada, &id).await;
    while catch_up::last_number(&env.table, &ada).await.expect("a number") < 6 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let events = catch_up::missed(&env.table, &ada, 0)
        .await
        .expect("a result")
        .expect("all of them");
    assert_eq!(
        events.iter().map(|event| event.number).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6]
    );
    let LiveUpdate::PhotoChanged { photo } = &events[5].news;
    assert_eq!((photo.state.clone(), photo.history.len()), (State::Ready, 6));
    assert_eq!(
        catch_up::missed(&env.table, &ada, 4)
            .await
            .expect("a result")
            .map(|events| events.len()),
        Some(2)
    );
    assert_eq!(
        catch_up::missed(&env.table, &ada, 6)
            .await
            .expect("a result")
            .map(|events| events.len()),
        Some(0)
    );
}

#[tokio::test]
async fn the_settled_number_covers_only_events_that_a_page_shows() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let settled = async || catch_up::settled_number(&env.table, &ada).await.expect("a number");
    assert_eq!(settled().await, 0);
    // An old message, and more recent ones than a single read returns.
    let (at, channel) = (server::now(), ada.channel());
    let (photo, _) = env.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    while catch_up::last_number(&env.table, &ada).await.expect("a number") < 1 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let message = |number: u64, at| MessageRecord {
        event: Event {
            version: EVENT_VERSION,
            channel: channel.clone(),
            number,
            at,
            news: LiveUpdate::PhotoChanged {
                photo: Box::new(photo.photo()),
            },
        },
        ttl: at.plus_seconds(MESSAGE_SECONDS).seconds(),
    };
    let fill = async |numbers: std::ops::RangeInclusive<u64>, at: Time| {
        let last = *numbers.end();
        let rows = numbers.map(|number| (MessageRecord::key(&channel, number), message(number, at)));
        env.table.put_many(rows.collect()).await.expect("messages");
        let counter = vec![(CounterRecord::key(&channel), CounterRecord { number: last, at })];
        env.table.put_many(counter).await.expect("a counter");
    };
    fill(1..=1, at.plus_seconds(-3600)).await;
    assert_eq!(settled().await, 1, "old messages are not sent again");
    fill(2..=4, at).await;
    assert_eq!(settled().await, 1, "recent messages are sent again");
    fill(5..=300, at).await;
    assert_eq!(settled().await, 100, "reads are limited to 200 messages");
    fill(300..=300, at.plus_seconds(-3600)).await;
    assert_eq!(settled().await, 300);
}

#[tokio::test]
async fn a_ticket_is_redeemed_once() {
    let env = TestEnv::open().await;
    let (ada, session) = env.library_and_session("ada").await;
    let address = env.cloud.setting(Setting::SocketAddress).expect("an address");
    let issued = ticket::issue(&env.table, &ada, &session, &address).await.expect("a ticket");
    let secret = issued.address.split("ticket=").nth(1).expect("a secret").to_owned();
    let redeemed = ticket::redeem(&env.table, &secret)
        .await
        .expect("a result")
        .expect("a ticket");
    assert_eq!(redeemed.channel, ada.channel());
    assert!(ticket::redeem(&env.table, &secret).await.expect("a result").is_none());
    assert!(
        ticket::redeem(&env.table, "unknown secret")
            .await
            .expect("a result")
            .is_none()
    );
}
