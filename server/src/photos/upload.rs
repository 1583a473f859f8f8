//! Uploads of expected photos: presigned URLs for a single PUT or for parts, and multipart uploads.

use super::change::change;
use super::claim::is_sha256;
use super::records::PhotoRecord;
use super::timeline::photo;
use crate::albums::access::OpenLibrary;
use crate::aws::originals::{Originals, Presigned, Upload as Whole};
use crate::aws::parts::{PartUpload, StoredPart};
use crate::aws::table::Table;
use crate::error::AppError;
use crate::now;
use model::ids::PhotoId;
use model::photos::{MAX_SIGNED_PARTS, PARTS_FROM_BYTES, Part, Put, State, Upload, part_bytes, parts_of};
use model::time::Time;
use model::user_error::UserError;
use std::time::Duration;

/// How long a presigned URL is valid for starting an upload. One that has started may continue.
pub const SIGNATURE_LASTS: Duration = Duration::from_secs(600);

/// How to continue an upload: the parts that are stored, or a presigned URL for the whole.
///
/// # Errors
/// [`UserError::NotFound`] if the photo is not in this library; [`UserError::NotExpected`] if it is not expected;
/// [`UserError::GrantExpired`].
pub async fn sign(table: &Table, originals: &Originals, library: &OpenLibrary, id: &PhotoId) -> Result<Upload, AppError> {
    travels(table, originals, photo(table, library, id).await?).await
}

/// The same for a photo that was read.
pub async fn travels(table: &Table, originals: &Originals, photo: PhotoRecord) -> Result<Upload, AppError> {
    let photo = signed(table, photo).await?;
    match photo.bytes {
        PARTS_FROM_BYTES.. => Ok(Upload::Parts {
            stored: stored_numbers(originals, &photo).await?,
        }),
        _ => Ok(Upload::Whole(whole(originals, &photo).await?)),
    }
}

/// A presigned URL for the whole of an original, whatever its size.
///
/// # Errors
/// As [`sign`].
pub async fn sign_whole(table: &Table, originals: &Originals, photo: PhotoRecord) -> Result<Put, AppError> {
    whole(originals, &signed(table, photo).await?).await
}

async fn whole(originals: &Originals, photo: &PhotoRecord) -> Result<Put, AppError> {
    let key = photo.original_key();
    let (expires, expires_in) = expiry(photo)?;
    let signed = originals.presign(Whole {
        key: &key,
        kind: &photo.kind,
        bytes: photo.bytes,
        sha256: &photo.sha256,
        expires_in,
    });
    Ok(put(signed.await?, expires))
}

/// Presigned URLs for some parts, in their order.
///
/// # Errors
/// As [`sign`]; [`UserError::Malformed`] if there are too many, or one that the original does not have;
/// [`UserError::BadChecksum`].
pub async fn sign_parts(
    table: &Table,
    originals: &Originals,
    library: &OpenLibrary,
    id: &PhotoId,
    parts: &[Part],
) -> Result<Vec<Put>, AppError> {
    if parts.is_empty() || parts.len() > MAX_SIGNED_PARTS {
        return Err(UserError::Malformed.into());
    }
    let photo = signed(table, photo(table, library, id).await?).await?;
    let upload = multipart_id(table, originals, &photo).await?;
    let key = photo.original_key();
    let (expires, expires_in) = expiry(&photo)?;
    let mut puts = Vec::with_capacity(parts.len());
    for part in parts {
        if !is_sha256(&part.sha256) {
            return Err(UserError::BadChecksum.into());
        }
        let presigned = originals.presign_part(PartUpload {
            key: &key,
            upload: &upload,
            number: part.number,
            bytes: part_bytes(photo.bytes, part.number).ok_or(UserError::Malformed)?,
            sha256: &part.sha256,
            expires_in,
        });
        puts.push(put(presigned.await?, expires));
    }
    Ok(puts)
}

/// Completes the multipart upload of a photo, if all parts are stored. `false` if some are missing, or there is no multipart upload.
pub async fn complete_multipart(originals: &Originals, photo: &PhotoRecord) -> Result<bool, AppError> {
    let Some(upload) = &photo.parts else { return Ok(false) };
    let key = photo.original_key();
    let stored = complete_parts(originals, photo).await?;
    if stored.len() != parts_of(photo.bytes) as usize {
        return Ok(false);
    }
    originals.complete_multipart(&key, upload, stored).await
}

/// Aborts the multipart upload of a photo, if there is one.
pub async fn abort_multipart(originals: &Originals, photo: &PhotoRecord) -> Result<(), AppError> {
    match &photo.parts {
        Some(upload) => originals.abort_multipart(&photo.original_key(), upload).await,
        None => Ok(()),
    }
}

/// A photo, after its record says that presigned URLs are issued now.
async fn signed(table: &Table, photo: PhotoRecord) -> Result<PhotoRecord, AppError> {
    let photo = match photo.clone().sign(now()) {
        true => change(table, &photo.id, PhotoRecord::sign).await?,
        false => Some(photo),
    };
    photo
        .filter(|photo| photo.state == State::Expected)
        .ok_or_else(|| UserError::NotExpected.into())
}

/// When a presigned URL that is issued now expires, and in how long: not after the grant.
fn expiry(photo: &PhotoRecord) -> Result<(Time, Duration), UserError> {
    let at = now();
    let left = u64::try_from(photo.grant_ends_at.seconds() - at.seconds()).unwrap_or(0);
    if left == 0 {
        return Err(UserError::GrantExpired);
    }
    let expires_in = SIGNATURE_LASTS.min(Duration::from_secs(left));
    Ok((at.plus_seconds(expires_in.as_secs() as i64), expires_in))
}

fn put(presigned: Presigned, expires: Time) -> Put {
    Put {
        url: presigned.url,
        headers: presigned.headers,
        expires,
    }
}

/// The id of the photo's multipart upload; begins one if there is none, or if S3 has aborted it.
async fn multipart_id(table: &Table, originals: &Originals, photo: &PhotoRecord) -> Result<String, AppError> {
    let key = photo.original_key();
    if let Some(upload) = &photo.parts
        && originals.parts(&key, upload).await?.is_some()
    {
        return Ok(upload.clone());
    }
    let new = originals.begin_multipart(&key, &photo.kind).await?;
    let written = change(table, &photo.id, |now, _| now.begin_multipart(photo.parts.as_deref(), &new));
    let upload = written.await?.and_then(|photo| photo.parts).ok_or(UserError::NotExpected)?;
    if upload != new {
        // A concurrent request began one.
        originals.abort_multipart(&key, &new).await?;
    }
    Ok(upload)
}

async fn stored_numbers(originals: &Originals, photo: &PhotoRecord) -> Result<Vec<u32>, AppError> {
    let parts = complete_parts(originals, photo).await?;
    Ok(parts.iter().map(|part| part.number).collect())
}

/// The parts that are stored in full size.
async fn complete_parts(originals: &Originals, photo: &PhotoRecord) -> Result<Vec<StoredPart>, AppError> {
    let Some(upload) = &photo.parts else { return Ok(vec![]) };
    let parts = originals.parts(&photo.original_key(), upload).await?.unwrap_or_default();
    let complete = |part: &StoredPart| part_bytes(photo.bytes, part.number) == Some(part.bytes);
    Ok(parts.into_iter().filter(complete).collect())
}
