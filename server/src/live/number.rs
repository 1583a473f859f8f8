//! The stream's changes become events: each gets its channel's next number, is kept for those who miss it, and is told
//! on Shoebox's own bus.

use super::records::{CounterRecord, MESSAGE_SECONDS, MessageRecord, NumberedRecord};
use crate::aws::bus::Bus;
use crate::aws::table::{Given, Row, Table};
use crate::failure::{Failure, While};
use crate::now;
use crate::photos::records::PhotoRecord;
use model::events::{EVENT_VERSION, Event};
use model::live::{Channel, News};
use serde::Deserialize;
use serde::Serialize;
use tracing::{error, info};

/// How often a number is tried when others take numbers of the same channel.
const TRIES: u32 = 20;

/// A batch of the table's stream.
#[derive(Debug, Deserialize)]
pub struct Changes {
    #[serde(rename = "Records")]
    records: Vec<Change>,
}

#[derive(Debug, Deserialize)]
struct Change {
    #[serde(rename = "eventID")]
    id: String,
    dynamodb: Images,
}

#[derive(Debug, Deserialize)]
struct Images {
    #[serde(rename = "SequenceNumber")]
    sequence_number: Option<String>,
    #[serde(rename = "NewImage")]
    new: Option<serde_dynamo::Item>,
}

/// Which records are to be delivered again.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failures {
    batch_item_failures: Vec<FailedItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FailedItem {
    item_identifier: String,
}

/// Numbers and tells each change, in order. At the first that fails it stops: the stream delivers from there again.
pub async fn on_changes(table: &Table, bus: &Bus, changes: Changes) -> Result<Failures, Failure> {
    for change in changes.records {
        if let Err(failure) = tell(table, bus, &change).await {
            error!(change = change.id, %failure, "a change was not told");
            let item_identifier = change.dynamodb.sequence_number.ok_or(failure)?;
            return Ok(Failures {
                batch_item_failures: vec![FailedItem { item_identifier }],
            });
        }
    }
    Ok(Failures::default())
}

async fn tell(table: &Table, bus: &Bus, change: &Change) -> Result<(), Failure> {
    let Some(image) = change.dynamodb.new.clone() else {
        return Ok(());
    };
    let photo: PhotoRecord = serde_dynamo::from_item(image).while_doing("read a photo from the stream")?;
    let channel = Channel::Library(photo.library.clone());
    let event = number(
        table,
        &change.id,
        channel,
        News::PhotoChanged {
            photo: Box::new(photo.photo()),
        },
    )
    .await?;
    info!(photo = %photo.id, number = event.number, "told");
    bus.tell(&event).await
}

/// Gives the change its number, or finds the one it has.
async fn number(table: &Table, change: &str, channel: Channel, news: News) -> Result<Event, Failure> {
    let numbered_key = NumberedRecord::key(change);
    for _ in 0..TRIES {
        if let Some(numbered) = table.get::<NumberedRecord>(&numbered_key).await? {
            let kept: Option<MessageRecord> = table.get(&MessageRecord::key(&numbered.channel, numbered.number)).await?;
            return kept
                .map(|kept| kept.event)
                .ok_or_else(|| Failure::broken("tell a change again", "its message is gone"));
        }
        let counter: Option<CounterRecord> = table.get(&CounterRecord::key(&channel)).await?;
        let last = counter.map_or(0, |counter| counter.number);
        let number = last + 1;
        let ttl = now().plus_seconds(MESSAGE_SECONDS).seconds();
        let event = Event {
            version: EVENT_VERSION,
            channel: channel.clone(),
            number,
            at: now(),
            news: news.clone(),
        };
        let message = MessageRecord { event, ttl };
        let numbered = NumberedRecord {
            channel: channel.clone(),
            number,
            ttl,
        };
        let given = if counter.is_some() {
            Given::Number("number", last)
        } else {
            Given::Absent
        };
        let rows = vec![
            table.together(Row {
                key: CounterRecord::key(&channel),
                item: &CounterRecord {
                    number,
                    at: message.event.at,
                },
                given,
            })?,
            table.together(Row {
                key: MessageRecord::key(&channel, number),
                item: &message,
                given: Given::Absent,
            })?,
            table.together(Row {
                key: numbered_key.clone(),
                item: &numbered,
                given: Given::Absent,
            })?,
        ];
        if table.put_together(rows).await? {
            return Ok(message.event);
        }
    }
    Err(Failure::broken(
        "number a change",
        format!("others took {TRIES} numbers of {channel} meanwhile"),
    ))
}
