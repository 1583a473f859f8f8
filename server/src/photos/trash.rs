//! The trash, and what becomes of photos that lay in it for thirty days.

use super::change::change;
use super::claim::ClaimRecord;
use super::records::{PhotoRecord, Sweep};
use super::sweep::{AT_ONCE, photo_of};
use super::upload;
use super::usage;
use crate::albums::access::OpenLibrary;
use crate::aws::media::Media;
use crate::aws::originals::Originals;
use crate::aws::table::Table;
use crate::failure::Failure;
use model::ids::PhotoId;
use model::photos::State;
use model::refusals::Refusal;
use model::time::Time;
use serde::{Deserialize, Serialize};
use tracing::info;

/// Puts a photo of this library into the trash.
pub async fn trash(table: &Table, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, Failure> {
    super::timeline::photo(table, library, id).await?;
    Ok(change(table, id, PhotoRecord::trash).await?.ok_or(Refusal::NotFound)?)
}

/// Puts a photo of this library that was refused into the trash; any other stays where it is.
pub async fn put_away(table: &Table, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, Failure> {
    super::timeline::photo(table, library, id).await?;
    let refused = |photo: &mut PhotoRecord, at| matches!(photo.state, State::Refused { .. }) && photo.trash(at);
    Ok(change(table, id, refused).await?.ok_or(Refusal::NotFound)?)
}

/// Takes a photo of this library back from the trash.
pub async fn restore(table: &Table, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, Failure> {
    super::timeline::photo(table, library, id).await?;
    Ok(change(table, id, PhotoRecord::restore).await?.ok_or(Refusal::NotFound)?)
}

/// What a purge did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purged {
    /// Photos that are gone for good.
    pub photos: u32,
    /// Whether there are more.
    pub more: bool,
}

/// Purges what lay in the trash long enough at `at`.
pub async fn purge(table: &Table, originals: &Originals, media: &Media, at: Time) -> Result<Purged, Failure> {
    let page = table.due(Sweep::Purge.due_pk(), &Sweep::due_sk(at, ""), AT_ONCE).await?;
    let mut purged = Purged {
        more: page.more,
        ..Purged::default()
    };
    for place in page.items {
        let id = photo_of(&place.pk)?;
        let photo: Option<PhotoRecord> = table.get(&PhotoRecord::key(&id)).await?;
        // The index may lag: what was restored meanwhile stays.
        let Some(photo) = photo.filter(|photo| photo.due_sk.as_ref() == Some(&place.due_sk)) else {
            continue;
        };
        if !purge_one(table, originals, media, &photo).await? {
            // Another photo of the library was being counted: the next purge finds this one again.
            purged.more = true;
            continue;
        }
        info!(photo = %id, "purged");
        purged.photos += 1;
    }
    Ok(purged)
}

/// Deletes a photo for good, with all that was made of it. `false` where its row was being written at the same moment: then
/// it is to be done again.
pub async fn purge_one(table: &Table, originals: &Originals, media: &Media, photo: &PhotoRecord) -> Result<bool, Failure> {
    // The row goes last: a purge that is cut off is begun again from it.
    media.remove_all(&renditions(&photo.id)).await?;
    originals.purge(&photo.original_key()).await?;
    upload::throw_away(originals, photo).await?;
    let mut away = vec![table.away(&PhotoRecord::key(&photo.id))?];
    let claim = ClaimRecord::key(&photo.library, &photo.sha256);
    // Another photo may have claimed the bytes since.
    if table
        .get::<ClaimRecord>(&claim)
        .await?
        .is_some_and(|claim| claim.photo == photo.id)
    {
        away.push(table.away(&claim)?);
    }
    if let Some(favourite) = photo.favourite_key() {
        away.push(table.away(&favourite)?);
    }
    if photo.counted {
        away.push(usage::counted(table, photo, -1, None)?);
    }
    table.put_together(away).await
}

/// Where all renditions of a photo lie.
pub fn renditions(id: &PhotoId) -> String {
    format!("media/{id}/")
}
