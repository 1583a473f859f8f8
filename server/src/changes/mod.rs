//! The table's stream: what lasts gets its sidecar, and what happened is told once, on Shoebox's own bus.

mod journey;
pub mod sidecar;

use crate::aws::bus::Bus;
use crate::aws::originals::Originals;
use crate::aws::table::Table;
use crate::failure::{Failure, While};
use crate::live::number::number;
use crate::notices::records::NoticeRecord;
use crate::photos::days;
use crate::photos::records::PhotoRecord;
use model::events::{NoticeWanted, SessionEnded};
use model::live::{Channel, News};
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

/// Where a row is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RowKey {
    pk: String,
    sk: String,
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

/// What the door works with.
pub struct Here {
    /// The table.
    pub table: Table,
    /// Shoebox's own bus.
    pub bus: Bus,
    /// The bucket of originals, where sidecars lie.
    pub originals: Originals,
}

/// Handles each change, in order. At the first that fails it stops: the stream delivers from there again.
pub async fn on_changes(here: &Here, changes: Changes) -> Result<Failures, Failure> {
    for change in changes.records {
        if let Err(failure) = handle(here, &change).await {
            error!(change = change.id, keys = ?change.dynamodb.keys, %failure, "a change was not handled");
            let item_identifier = change.dynamodb.sequence_number.ok_or(failure)?;
            return Ok(Failures {
                batch_item_failures: vec![FailedItem { item_identifier }],
            });
        }
    }
    Ok(Failures::default())
}

async fn handle(here: &Here, change: &Change) -> Result<(), Failure> {
    let Images { keys, old, new, .. } = &change.dynamodb;
    let key: RowKey = serde_dynamo::from_item(keys.clone()).while_doing("read the key of a change")?;
    let photo = match new {
        Some(image) if key.is_photo() => Some(read_photo(image)?),
        _ => None,
    };
    match (new, &photo) {
        (_, Some(photo)) => sidecar::write(&here.originals, &key, &photo.to_last()).await?,
        (Some(image), None) if sidecar::lasts(image) => sidecar::write(&here.originals, &key, &plain(image)?).await?,
        (None, _) if old.as_ref().is_some_and(sidecar::lasts) => sidecar::remove(&here.originals, &key).await?,
        _ => {}
    }
    match photo {
        Some(photo) => tell(here, &change.id, photo, old.as_ref()).await,
        None if new.is_none() => session_ended(here, &key).await,
        None if key.pk.starts_with("NOTICE#") => notice_wanted(here, new.as_ref()).await,
        None => Ok(()),
    }
}

/// Tells that a session is over, if the row that is gone was one: it was ended, or its time was up.
async fn session_ended(here: &Here, key: &RowKey) -> Result<(), Failure> {
    let ended = key.pk.strip_prefix("SESSION#").filter(|_| key.sk == "SESSION");
    let Some(session) = ended else { return Ok(()) };
    let event = SessionEnded {
        version: SessionEnded::VERSION,
        session: session.to_owned(),
    };
    here.bus.tell(SessionEnded::DETAIL_TYPE, &event).await
}

/// Tells that a notice waits in the outbox.
async fn notice_wanted(here: &Here, new: Option<&serde_dynamo::Item>) -> Result<(), Failure> {
    let Some(image) = new else { return Ok(()) };
    let record: NoticeRecord = serde_dynamo::from_item(image.clone()).while_doing("read a notice from the stream")?;
    let event = NoticeWanted {
        version: NoticeWanted::VERSION,
        id: record.id,
        to: record.to,
        notice: record.notice,
    };
    here.bus.tell(NoticeWanted::DETAIL_TYPE, &event).await
}

impl RowKey {
    fn is_photo(&self) -> bool {
        self.pk.starts_with("PHOTO#") && self.sk == "PHOTO"
    }
}

/// A row by its values: its image has each beside its type.
fn plain(image: &serde_dynamo::Item) -> Result<serde_json::Value, Failure> {
    serde_dynamo::from_item(image.clone()).while_doing("read a row from the stream")
}

fn read_photo(image: &serde_dynamo::Item) -> Result<PhotoRecord, Failure> {
    serde_dynamo::from_item(image.clone()).while_doing("read a photo from the stream")
}

async fn tell(here: &Here, change: &str, photo: PhotoRecord, old: Option<&serde_dynamo::Item>) -> Result<(), Failure> {
    let channel = Channel::Library(photo.library.clone());
    let news = News::PhotoChanged {
        photo: Box::new(photo.photo()),
    };
    let before = old.and_then(|old| read_photo(old).ok());
    let counted = days::moved(&here.table, before.as_ref(), &photo)?;
    let told = number(&here.table, change, &channel, &news, &counted).await?;
    here.bus.tell(told.event.detail_type(), &told.event).await?;
    info!(photo = %photo.id, number = told.event.number, "told");
    if told.new {
        let steps_before = before.map_or(0, |before| before.history.len());
        journey::measure(&photo.history, steps_before, told.event.at);
    }
    Ok(())
}
