//! The trash, and the purge of photos that were in it for thirty days.

use super::change::change;
use super::claim::ClaimRecord;
use super::quota;
use super::records::{PhotoRecord, Sweep};
use super::sweep::{BATCH, photo_of};
use super::upload;
use crate::albums::access::OpenLibrary;
use crate::aws::media::Media;
use crate::aws::originals::Originals;
use crate::aws::table::{Table, WriteOutcome, keys};
use crate::error::AppError;
use model::ids::PhotoId;
use model::photos::State;
use model::time::Time;
use model::user_error::UserError;
use serde::{Deserialize, Serialize};
use tracing::info;

/// Moves a photo of this library to the trash.
pub async fn trash(table: &Table, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, AppError> {
    super::timeline::photo(table, library, id).await?;
    Ok(change(table, id, PhotoRecord::trash).await?.ok_or(UserError::NotFound)?)
}

/// Moves a refused photo of this library to the trash; any other is not changed.
pub async fn move_to_trash(table: &Table, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, AppError> {
    super::timeline::photo(table, library, id).await?;
    let refused = |photo: &mut PhotoRecord, at| matches!(photo.state, State::Refused { .. }) && photo.trash(at);
    Ok(change(table, id, refused).await?.ok_or(UserError::NotFound)?)
}

/// Restores a photo of this library from the trash.
pub async fn restore(table: &Table, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, AppError> {
    super::timeline::photo(table, library, id).await?;
    Ok(change(table, id, PhotoRecord::restore).await?.ok_or(UserError::NotFound)?)
}

/// The result of a purge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purged {
    /// Photos that were deleted.
    pub photos: u32,
    /// Whether there are more.
    pub more: bool,
}

/// Deletes the photos whose time in the trash is over at `at`.
pub async fn purge(table: &Table, originals: &Originals, media: &Media, at: Time) -> Result<Purged, AppError> {
    let page = table.due(Sweep::Purge.due_pk(), &keys::due_sk(at, ""), BATCH).await?;
    let mut purged = Purged {
        more: page.more,
        ..Purged::default()
    };
    for row in page.items {
        let id = photo_of(&row.pk)?;
        let photo: Option<PhotoRecord> = table.get(&PhotoRecord::key(&id)).await?;
        // The index is eventually consistent: skip what was restored meanwhile.
        let Some(photo) = photo.filter(|photo| photo.due_sk.as_ref() == Some(&row.due_sk)) else {
            continue;
        };
        if !purge_one(table, originals, media, &photo).await?.is_written() {
            // A conflict, as another photo of the library was being counted: the next purge finds this one again.
            purged.more = true;
            continue;
        }
        info!(photo = %id, "purged");
        purged.photos += 1;
    }
    Ok(purged)
}

/// Deletes a photo with its original, renditions and rows. On a conflict it must be retried.
pub async fn purge_one(
    table: &Table,
    originals: &Originals,
    media: &Media,
    photo: &PhotoRecord,
) -> Result<WriteOutcome, AppError> {
    // The row is deleted last: after a crash, a retry starts from it.
    media.remove_all(&renditions(&photo.id)).await?;
    originals.purge(&photo.original_key()).await?;
    upload::abort_multipart(originals, photo).await?;
    let mut writes = vec![table.transact_delete(&PhotoRecord::key(&photo.id))?];
    let claim = ClaimRecord::key(&photo.library, &photo.sha256);
    // Another photo may have claimed the bytes since.
    if table
        .get::<ClaimRecord>(&claim)
        .await?
        .is_some_and(|claim| claim.photo == photo.id)
    {
        writes.push(table.transact_delete(&claim)?);
    }
    if let Some(favourite) = photo.favourite_key() {
        writes.push(table.transact_delete(&favourite)?);
    }
    if photo.counted {
        writes.push(quota::count_write(table, photo, -1, None)?);
    }
    table.transact_write(writes).await
}

/// The key prefix of a photo's renditions.
pub fn renditions(id: &PhotoId) -> String {
    format!("media/{id}/")
}
