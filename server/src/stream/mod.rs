//! The table's stream: durable rows are copied to sidecars, and changes are published once, on Shoebox's own event bus.

mod processing_metrics;
pub mod sidecar;

use crate::aws::bus::Bus;
use crate::aws::originals::Originals;
use crate::aws::table::{Key, Table, keys};
use crate::error::{AppError, Context};
use crate::live::sequence::number;
use crate::notifications::records::NotificationRecord;
use crate::photos::days;
use crate::photos::records::PhotoRecord;
use model::events::{NoticeWanted, SessionEnded};
use model::live::{Channel, LiveUpdate};
use serde::{Deserialize, Serialize};
use tracing::{error, info};

/// A batch of the table's stream.
#[derive(Debug, Deserialize)]
pub struct Changes {
    #[serde(rename = "Records")]
    records: Vec<Change>,
}

/// One change of one row.
#[derive(Debug, Deserialize)]
pub struct Change {
    #[serde(rename = "eventID")]
    id: String,
    dynamodb: Images,
}

#[derive(Debug, Deserialize)]
struct Images {
    #[serde(rename = "SequenceNumber")]
    sequence_number: Option<String>,
    #[serde(rename = "Keys")]
    keys: serde_dynamo::Item,
    #[serde(rename = "OldImage")]
    old: Option<serde_dynamo::Item>,
    #[serde(rename = "NewImage")]
    new: Option<serde_dynamo::Item>,
}

/// A partial batch response: records to be delivered again.
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

/// What the handler uses.
pub struct HandlerContext {
    /// The table.
    pub table: Table,
    /// Shoebox's own bus.
    pub bus: Bus,
    /// The bucket of originals, which has the sidecars.
    pub originals: Originals,
}

/// Handles the changes in order. It stops at the first that fails: the stream redelivers from there.
pub async fn on_changes(context: &HandlerContext, changes: Changes) -> Result<Failures, AppError> {
    for change in changes.records {
        if let Err(failure) = handle(context, &change).await {
            error!(change = change.id, keys = ?change.dynamodb.keys, %failure, "a change was not handled");
            let item_identifier = change.dynamodb.sequence_number.ok_or(failure)?;
            return Ok(Failures {
                batch_item_failures: vec![FailedItem { item_identifier }],
            });
        }
    }
    Ok(Failures::default())
}

async fn handle(context: &HandlerContext, change: &Change) -> Result<(), AppError> {
    let Images { keys, old, new, .. } = &change.dynamodb;
    let key: Key = serde_dynamo::from_item(keys.clone()).context("read the key of a change")?;
    let photo = match new {
        Some(image) if PhotoRecord::is_key(&key) => Some(read_photo(image)?),
        _ => None,
    };
    let before = photo.as_ref().and_then(|photo| earlier_photo(old.as_ref()?, photo));
    match (new, &photo) {
        (_, Some(photo)) => write_photo_sidecar(context, &key, photo, before.as_ref()).await?,
        (Some(image), None) if sidecar::is_durable(image) => sidecar::write(&context.originals, &key, &plain(image)?).await?,
        (None, _) if old.as_ref().is_some_and(sidecar::is_durable) => sidecar::remove(&context.originals, &key).await?,
        _ => {}
    }
    match photo {
        Some(photo) => publish_photo_change(context, &change.id, photo, before.as_ref()).await,
        None if new.is_none() => publish_session_ended(context, &key).await,
        None if key.pk.starts_with(keys::NOTIFICATION_PREFIX) => publish_notice_wanted(context, new.as_ref()).await,
        None => Ok(()),
    }
}

/// Writes a photo's sidecar, unless it stays the same: each write is billed.
async fn write_photo_sidecar(
    context: &HandlerContext,
    key: &Key,
    photo: &PhotoRecord,
    before: Option<&PhotoRecord>,
) -> Result<(), AppError> {
    let content = photo.for_sidecar();
    if before.is_some_and(|before| before.for_sidecar() == content) {
        return Ok(());
    }
    sidecar::write(&context.originals, key, &content).await
}

/// Publishes that a session is over, if the deleted row was one: it was ended, or its TTL expired.
async fn publish_session_ended(context: &HandlerContext, key: &Key) -> Result<(), AppError> {
    let ended = key.pk.strip_prefix(keys::SESSION_PREFIX).filter(|_| key.sk == keys::SESSION);
    let Some(session) = ended else { return Ok(()) };
    let event = SessionEnded {
        version: SessionEnded::VERSION,
        session: session.to_owned(),
    };
    context.bus.publish(SessionEnded::DETAIL_TYPE, &event).await
}

/// Publishes that a notification is in the outbox.
async fn publish_notice_wanted(context: &HandlerContext, new: Option<&serde_dynamo::Item>) -> Result<(), AppError> {
    let Some(image) = new else { return Ok(()) };
    let record: NotificationRecord = serde_dynamo::from_item(image.clone()).context("read a notification from the stream")?;
    let event = NoticeWanted {
        version: NoticeWanted::VERSION,
        id: record.id,
        to: record.to,
        notice: record.notice,
    };
    context.bus.publish(NoticeWanted::DETAIL_TYPE, &event).await
}

/// A row as plain JSON: stream images tag each value with its type.
fn plain(image: &serde_dynamo::Item) -> Result<serde_json::Value, AppError> {
    serde_dynamo::from_item(image.clone()).context("read a row from the stream")
}

fn read_photo(image: &serde_dynamo::Item) -> Result<PhotoRecord, AppError> {
    serde_dynamo::from_item(image.clone()).context("read a photo from the stream")
}

/// The photo before a change, if it can be read. It has the same revision, so that it only differs if more than that has changed.
fn earlier_photo(old: &serde_dynamo::Item, photo: &PhotoRecord) -> Option<PhotoRecord> {
    let revision = photo.revision;
    read_photo(old).ok().map(|old| PhotoRecord { revision, ..old })
}

/// Numbers the event of a photo's change, publishes it and records metrics. A redelivery publishes the same number again. Changes that
/// nobody sees, such as of presigned URLs, are not published.
async fn publish_photo_change(
    context: &HandlerContext,
    change: &str,
    record: PhotoRecord,
    before: Option<&PhotoRecord>,
) -> Result<(), AppError> {
    let photo = record.photo();
    if before.is_some_and(|before| before.photo() == photo) {
        return Ok(());
    }
    let channel = Channel::Library(record.library.clone());
    let news = LiveUpdate::PhotoChanged { photo: Box::new(photo) };
    let counts = days::count_updates(&context.table, before, &record)?;
    let numbered = number(&context.table, change, &channel, &news, &counts).await?;
    context.bus.publish(numbered.event.detail_type(), &numbered.event).await?;
    info!(photo = %record.id, number = numbered.event.number, "published");
    if numbered.new {
        let steps_before = before.map_or(0, |before| before.history.len());
        processing_metrics::record(&record.history, steps_before, numbered.event.at);
    }
    Ok(())
}
