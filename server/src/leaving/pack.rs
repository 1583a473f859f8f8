//! An export is made, a part at a time: originals as they came, and what is known of them.

use super::archive::Archive;
use super::names::portable;
use super::records::{ExportRecord, Upto};
use super::{Here, Progress, WORKS, inventory};
use crate::accounts::records::AccountRecord;
use crate::aws::exports::Exports;
use crate::aws::table::{Given, Page, Row};
use crate::failure::{Failure, While};
use crate::notices::outbox::{self, To};
use crate::photos::records::PhotoRecord;
use crate::photos::timeline::PAGE;
use model::accounts::{ExportPart, ExportState};
use model::ids::AccountId;
use model::notices::Notice;
use model::photos::{Photo, State};
use serde::Serialize;
use std::time::Instant;
use tracing::info;

/// From so many bytes on a part takes no more photos: what disks and connections of today take without trouble.
const PART_BYTES: u64 = 2 << 30;

/// A photo in `photos.json`.
#[derive(Debug, Serialize)]
struct Listed {
    /// Its file in the zip; none where its bytes never came.
    file: Option<String>,
    #[serde(flatten)]
    photo: Photo,
}

/// Makes the next part of an export. Asked twice at once, one of the two counts.
pub async fn pack(here: &Here, account: &AccountId, export: &str) -> Result<Progress, Failure> {
    let Some(record) = making(here, account, export).await? else {
        return Ok(Progress::DONE);
    };
    let Some(owner) = here.table.get::<AccountRecord>(&AccountRecord::key(account)).await? else {
        return Ok(Progress::DONE);
    };
    let number = record.parts.len() + 1;
    let mut archive = Archive::begin(&here.exports, Exports::key(account, export, number)).await?;
    let (upto, photos) = fill(here, account, record.upto.clone(), &mut archive).await?;
    let count = u32::try_from(photos.len()).unwrap_or(u32::MAX);
    let made = record.began_at;
    archive.add("", "photos.json", made, &json(&photos)?).await?;
    if number == 1 {
        let account = json(&inventory::of(here, &owner).await?)?;
        archive.add("", "account.json", made, &account).await?;
    }
    let bytes = archive.finish().await?;
    info!(export, number, bytes, photos = count, "packed");
    let more = upto != Upto::End;
    let mut next = record.clone();
    next.parts.push(ExportPart { bytes, photos: count });
    next.upto = upto;
    write(here, account, &record, next).await?;
    Ok(Progress { more })
}

/// Fills an archive from where the part before ended; answers where it ends itself, and what is in it.
async fn fill(
    here: &Here,
    account: &AccountId,
    mut upto: Upto,
    archive: &mut Archive<'_>,
) -> Result<(Upto, Vec<Listed>), Failure> {
    let until = Instant::now() + WORKS;
    let mut photos = vec![];
    while let Some(page) = page(here, account, &upto).await? {
        for photo in page.items {
            let full = archive.bytes() + photo.bytes > PART_BYTES || Instant::now() > until;
            if full && !photos.is_empty() {
                return Ok((upto, photos));
            }
            upto = upto.after(&photo);
            photos.push(put_in(here, photo, archive).await?);
        }
        if !page.more {
            upto = upto.next();
        }
    }
    Ok((upto, photos))
}

async fn put_in(here: &Here, record: PhotoRecord, archive: &mut Archive<'_>) -> Result<Listed, Failure> {
    let file = match record.state == State::Expected || record.never_came() {
        true => None,
        false => here.originals.find(&record.original_key()).await?,
    };
    let mut photo = record.photo();
    let file = match file {
        Some(bytes) => {
            let name = portable(&record.name, &record.kind);
            Some(archive.add(&folder(&photo), &name, photo.wall(), &bytes).await?)
        }
        None => None,
    };
    // Where renditions are is of no use outside.
    photo.media = None;
    Ok(Listed { file, photo })
}

/// Where a photo lies in the zip: by the year of its day on the timeline, what is in the trash apart.
fn folder(photo: &Photo) -> String {
    let (year, ..) = photo.day().civil();
    let list = if photo.trashed_at.is_some() { "trash" } else { "photos" };
    format!("{list}/{year:04}/")
}

async fn page(here: &Here, account: &AccountId, upto: &Upto) -> Result<Option<Page<PhotoRecord>>, Failure> {
    let (pk, before) = match upto {
        Upto::Timeline { before } => (PhotoRecord::timeline_pk(account), before),
        Upto::Archive { before } => (PhotoRecord::archive_pk(account), before),
        Upto::Trash { before } => (PhotoRecord::trash_pk(account), before),
        Upto::End => return Ok(None),
    };
    here.table.timeline(&pk, before.as_deref(), PAGE).await.map(Some)
}

impl Upto {
    /// Behind a photo of the same list.
    fn after(self, photo: &PhotoRecord) -> Self {
        let before = Some(photo.timeline_sk.clone());
        match self {
            Self::Timeline { .. } => Self::Timeline { before },
            Self::Archive { .. } => Self::Archive { before },
            Self::Trash { .. } => Self::Trash { before },
            Self::End => Self::End,
        }
    }

    /// The list behind this one.
    fn next(self) -> Self {
        match self {
            Self::Timeline { .. } => Self::Archive { before: None },
            Self::Archive { .. } => Self::Trash { before: None },
            Self::Trash { .. } | Self::End => Self::End,
        }
    }
}

/// All parts are there: its owner is told.
pub async fn ready(here: &Here, account: &AccountId, export: &str) -> Result<(), Failure> {
    let Some(record) = making(here, account, export).await? else {
        return Ok(());
    };
    let ends_at = record.ends_at;
    let mut next = record.clone();
    next.state = ExportState::Ready;
    if write(here, account, &record, next).await? {
        let to = To::Account(account.clone());
        outbox::ask(&here.table, &to, Notice::ExportReady { ends_at }).await?;
    }
    Ok(())
}

/// It could not be made: its owner may ask again.
pub async fn fail(here: &Here, account: &AccountId, export: &str) -> Result<(), Failure> {
    let Some(record) = making(here, account, export).await? else {
        return Ok(());
    };
    let mut next = record.clone();
    next.state = ExportState::Failed;
    write(here, account, &record, next).await.map(drop)
}

/// An export, while it is being made.
async fn making(here: &Here, account: &AccountId, export: &str) -> Result<Option<ExportRecord>, Failure> {
    let record: Option<ExportRecord> = here.table.get(&ExportRecord::key(account)).await?;
    Ok(record.filter(|record| record.id == export && record.state == ExportState::Making))
}

/// Writes an export as it has become, unless another did so first.
async fn write(here: &Here, account: &AccountId, before: &ExportRecord, mut next: ExportRecord) -> Result<bool, Failure> {
    next.revision = before.revision + 1;
    let row = Row {
        key: ExportRecord::key(account),
        item: &next,
        given: Given::Revision(before.revision),
    };
    here.table.put(row).await
}

fn json<T: Serialize>(content: &T) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec_pretty(content).while_doing("write an export's list")
}
