//! Makes an export, one part at a time: the originals and their metadata.

use super::archive::Archive;
use super::names::portable;
use super::records::{ExportRecord, Upto};
use super::{HandlerContext, Progress, TIME_BUDGET, inventory};
use crate::accounts::records::AccountRecord;
use crate::aws::exports::Exports;
use crate::aws::table::{Condition, Page, Row, WriteOutcome, keys};
use crate::error::{AppError, Context};
use crate::notifications::outbox::{self, To};
use crate::photos::records::PhotoRecord;
use crate::photos::timeline::PAGE;
use model::accounts::{ExportPart, ExportState};
use model::ids::AccountId;
use model::notifications::Notification;
use model::photos::{Photo, State};
use serde::Serialize;
use std::time::Instant;
use tracing::info;

/// The size at which a part is full: easy to download and to store.
const PART_BYTES: u64 = 2 << 30;

/// A photo in `photos.json`.
#[derive(Debug, Serialize)]
struct Listed {
    /// Its path in the zip; none if it was never uploaded.
    file: Option<String>,
    #[serde(flatten)]
    photo: Photo,
}

/// Makes the next part of an export. Of two concurrent calls, one is recorded.
pub async fn pack(context: &HandlerContext, account: &AccountId, export: &str) -> Result<Progress, AppError> {
    let Some(record) = in_progress(context, account, export).await? else {
        return Ok(Progress::DONE);
    };
    let Some(owner) = context.table.get::<AccountRecord>(&AccountRecord::key(account)).await? else {
        return Ok(Progress::DONE);
    };
    let number = record.parts.len() + 1;
    let mut archive = Archive::begin(&context.exports, Exports::key(account, export, number)).await?;
    let (upto, photos) = fill(context, account, record.upto.clone(), &mut archive).await?;
    let count = u32::try_from(photos.len()).unwrap_or(u32::MAX);
    let made = record.began_at;
    archive.add("", "photos.json", made, &json(&photos)?).await?;
    if number == 1 {
        let account = json(&inventory::of(context, &owner).await?)?;
        archive.add("", "account.json", made, &account).await?;
    }
    let bytes = archive.finish().await?;
    info!(export, number, bytes, photos = count, "packed");
    let more = upto != Upto::End;
    let mut next = record.clone();
    next.parts.push(ExportPart { bytes, photos: count });
    next.upto = upto;
    // The condition fails if a concurrent call has recorded the part.
    let _ = write(context, account, &record, next).await?;
    Ok(Progress { more })
}

/// Fills an archive from a cursor on; returns the new cursor and the photos added.
async fn fill(
    context: &HandlerContext,
    account: &AccountId,
    mut upto: Upto,
    archive: &mut Archive<'_>,
) -> Result<(Upto, Vec<Listed>), AppError> {
    let deadline = Instant::now() + TIME_BUDGET;
    let mut photos = vec![];
    while let Some(page) = page(context, account, &upto).await? {
        for photo in page.items {
            let full = archive.bytes() + photo.bytes > PART_BYTES || Instant::now() > deadline;
            if full && !photos.is_empty() {
                return Ok((upto, photos));
            }
            upto = upto.after(&photo);
            photos.push(add_photo(context, photo, archive).await?);
        }
        if !page.more {
            upto = upto.next();
        }
    }
    Ok((upto, photos))
}

async fn add_photo(context: &HandlerContext, record: PhotoRecord, archive: &mut Archive<'_>) -> Result<Listed, AppError> {
    let file = match record.state == State::Expected || record.not_delivered() {
        true => None,
        false => context.originals.find(&record.original_key()).await?,
    };
    let mut photo = record.photo();
    let file = match file {
        Some(bytes) => {
            let name = portable(&record.name, &record.kind);
            Some(archive.add(&folder(&photo), &name, photo.wall(), &bytes).await?)
        }
        None => None,
    };
    // Links to renditions are useless in an export.
    photo.media = None;
    Ok(Listed { file, photo })
}

/// The folder of a photo in the zip: by year, and separate for the trash.
fn folder(photo: &Photo) -> String {
    let (year, ..) = photo.day().civil();
    let list = if photo.trashed_at.is_some() { "trash" } else { "photos" };
    format!("{list}/{year:04}/")
}

async fn page(context: &HandlerContext, account: &AccountId, upto: &Upto) -> Result<Option<Page<PhotoRecord>>, AppError> {
    let (pk, before) = match upto {
        Upto::Timeline { before } => (keys::library_partition(account), before),
        Upto::Archive { before } => (keys::archive_partition(account), before),
        Upto::Trash { before } => (keys::trash_partition(account), before),
        Upto::End => return Ok(None),
    };
    context.table.timeline(&pk, before.as_deref(), PAGE).await.map(Some)
}

impl Upto {
    /// The cursor after a photo of the same list.
    fn after(self, photo: &PhotoRecord) -> Self {
        let before = Some(photo.timeline_sk.clone());
        match self {
            Self::Timeline { .. } => Self::Timeline { before },
            Self::Archive { .. } => Self::Archive { before },
            Self::Trash { .. } => Self::Trash { before },
            Self::End => Self::End,
        }
    }

    /// The cursor at the start of the next list.
    fn next(self) -> Self {
        match self {
            Self::Timeline { .. } => Self::Archive { before: None },
            Self::Archive { .. } => Self::Trash { before: None },
            Self::Trash { .. } | Self::End => Self::End,
        }
    }
}

/// Marks an export as ready and notifies its owner.
pub async fn ready(context: &HandlerContext, account: &AccountId, export: &str) -> Result<(), AppError> {
    let Some(record) = in_progress(context, account, export).await? else {
        return Ok(());
    };
    let ends_at = record.ends_at;
    let mut next = record.clone();
    next.state = ExportState::Ready;
    if write(context, account, &record, next).await?.is_written() {
        let to = To::Account(account.clone());
        outbox::enqueue(&context.table, &to, Notification::ExportReady { ends_at }).await?;
    }
    Ok(())
}

/// Marks an export as failed: its owner can request another.
pub async fn fail(context: &HandlerContext, account: &AccountId, export: &str) -> Result<(), AppError> {
    let Some(record) = in_progress(context, account, export).await? else {
        return Ok(());
    };
    let mut next = record.clone();
    next.state = ExportState::Failed;
    write(context, account, &record, next).await.map(drop)
}

/// An export, if it is in progress.
async fn in_progress(context: &HandlerContext, account: &AccountId, export: &str) -> Result<Option<ExportRecord>, AppError> {
    let record: Option<ExportRecord> = context.table.get(&ExportRecord::key(account)).await?;
    Ok(record.filter(|record| record.id == export && record.state == ExportState::Making))
}

/// Writes an export on the revision that was read. The condition fails if another writer was first.
async fn write(
    context: &HandlerContext,
    account: &AccountId,
    before: &ExportRecord,
    mut next: ExportRecord,
) -> Result<WriteOutcome, AppError> {
    next.revision = before.revision + 1;
    let row = Row {
        key: ExportRecord::key(account),
        item: &next,
        condition: Condition::Revision(before.revision),
    };
    context.table.put_with_retries(row).await
}

fn json<T: Serialize>(content: &T) -> Result<Vec<u8>, AppError> {
    serde_json::to_vec_pretty(content).context("serialize an export's list")
}
