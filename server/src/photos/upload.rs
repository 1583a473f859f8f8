//! How the bytes of an expected photo travel: signatures for the whole or for parts, and the parts put together.

use super::change::change;
use super::claim::is_sha256;
use super::records::PhotoRecord;
use super::timeline::photo;
use crate::albums::access::OpenLibrary;
use crate::aws::originals::{Originals, Presigned, Upload as Whole};
use crate::aws::parts::{PartUpload, StoredPart};
use crate::aws::table::Table;
use crate::failure::Failure;
use crate::now;
use model::ids::PhotoId;
use model::photos::{MAX_SIGNED_PARTS, PARTS_FROM_BYTES, Part, Put, State, Upload, part_bytes, parts_of};
use model::refusals::Refusal;
use model::time::Time;
use std::time::Duration;

/// How long an upload may begin by a signature. One that has begun may go on.
pub const SIGNATURE_LASTS: Duration = Duration::from_secs(600);

/// How an original travels on: what is there of it, or a signature for the whole.
///
/// # Errors
/// [`Refusal::NotFound`] where it is not this library's; [`Refusal::NotExpected`] where its bytes are not waited for;
/// [`Refusal::GrantExpired`] where they no longer are.
pub async fn sign(table: &Table, originals: &Originals, library: &OpenLibrary, id: &PhotoId) -> Result<Upload, Failure> {
    travels(table, originals, photo(table, library, id).await?).await
}

/// The same for a photo at hand.
pub async fn travels(table: &Table, originals: &Originals, photo: PhotoRecord) -> Result<Upload, Failure> {
    let photo = signed(table, photo).await?;
    match photo.bytes {
        PARTS_FROM_BYTES.. => Ok(Upload::Parts {
            there: there(originals, &photo).await?,
        }),
        _ => Ok(Upload::Whole(whole(originals, &photo).await?)),
    }
}

/// A signature for the whole of an original, whatever its size.
///
/// # Errors
/// As [`sign`].
pub async fn sign_whole(table: &Table, originals: &Originals, photo: PhotoRecord) -> Result<Put, Failure> {
    whole(originals, &signed(table, photo).await?).await
}

async fn whole(originals: &Originals, photo: &PhotoRecord) -> Result<Put, Failure> {
    let key = photo.original_key();
    let (expires, lasts) = lasts(photo)?;
    let signed = originals.presign(Whole {
        key: &key,
        kind: &photo.kind,
        bytes: photo.bytes,
        sha256: &photo.sha256,
        lasts,
    });
    Ok(put(signed.await?, expires))
}

/// Signatures for some parts, in their order.
///
/// # Errors
/// As [`sign`]; [`Refusal::Malformed`] where there are too many, or one that the original does not have;
/// [`Refusal::BadChecksum`].
pub async fn sign_parts(
    table: &Table,
    originals: &Originals,
    library: &OpenLibrary,
    id: &PhotoId,
    parts: &[Part],
) -> Result<Vec<Put>, Failure> {
    if parts.is_empty() || parts.len() > MAX_SIGNED_PARTS {
        return Err(Refusal::Malformed.into());
    }
    let photo = signed(table, photo(table, library, id).await?).await?;
    let upload = begun(table, originals, &photo).await?;
    let key = photo.original_key();
    let (expires, lasts) = lasts(&photo)?;
    let mut puts = Vec::with_capacity(parts.len());
    for part in parts {
        if !is_sha256(&part.sha256) {
            return Err(Refusal::BadChecksum.into());
        }
        let presigned = originals.presign_part(PartUpload {
            key: &key,
            upload: &upload,
            number: part.number,
            bytes: part_bytes(photo.bytes, part.number).ok_or(Refusal::Malformed)?,
            sha256: &part.sha256,
            lasts,
        });
        puts.push(put(presigned.await?, expires));
    }
    Ok(puts)
}

/// Puts the parts of a photo together, if all are there. `false` where some are missing, or it does not travel in parts.
pub async fn put_together(originals: &Originals, photo: &PhotoRecord) -> Result<bool, Failure> {
    let Some(upload) = &photo.parts else { return Ok(false) };
    let key = photo.original_key();
    let stored = whole_parts(originals, photo).await?;
    if stored.len() != parts_of(photo.bytes) as usize {
        return Ok(false);
    }
    originals.put_together(&key, upload, stored).await
}

/// Throws the parts of a photo away, where it travels in parts.
pub async fn throw_away(originals: &Originals, photo: &PhotoRecord) -> Result<(), Failure> {
    match &photo.parts {
        Some(upload) => originals.throw_away(&photo.original_key(), upload).await,
        None => Ok(()),
    }
}

/// A photo, once its record knows that its bytes may be signed now.
async fn signed(table: &Table, photo: PhotoRecord) -> Result<PhotoRecord, Failure> {
    let photo = match photo.clone().sign(now()) {
        true => change(table, &photo.id, PhotoRecord::sign).await?,
        false => Some(photo),
    };
    photo
        .filter(|photo| photo.state == State::Expected)
        .ok_or_else(|| Refusal::NotExpected.into())
}

/// Until when a signature that is given now is good, and for how long: never longer than the photo is expected.
fn lasts(photo: &PhotoRecord) -> Result<(Time, Duration), Refusal> {
    let at = now();
    let left = u64::try_from(photo.grant_ends_at.seconds() - at.seconds()).unwrap_or(0);
    if left == 0 {
        return Err(Refusal::GrantExpired);
    }
    let lasts = SIGNATURE_LASTS.min(Duration::from_secs(left));
    Ok((at.plus_seconds(lasts.as_secs() as i64), lasts))
}

fn put(presigned: Presigned, expires: Time) -> Put {
    Put {
        url: presigned.url,
        headers: presigned.headers,
        expires,
    }
}

/// The name of the photo's upload in parts; it begins now if it has not, or if the store has thrown the last one away.
async fn begun(table: &Table, originals: &Originals, photo: &PhotoRecord) -> Result<String, Failure> {
    let key = photo.original_key();
    if let Some(upload) = &photo.parts
        && originals.parts(&key, upload).await?.is_some()
    {
        return Ok(upload.clone());
    }
    let new = originals.begin_parts(&key, &photo.kind).await?;
    let written = change(table, &photo.id, |now, _| now.travel_in_parts(photo.parts.as_deref(), &new));
    let upload = written.await?.and_then(|photo| photo.parts).ok_or(Refusal::NotExpected)?;
    if upload != new {
        // Another window began one at the same moment.
        originals.throw_away(&key, &new).await?;
    }
    Ok(upload)
}

async fn there(originals: &Originals, photo: &PhotoRecord) -> Result<Vec<u32>, Failure> {
    let parts = whole_parts(originals, photo).await?;
    Ok(parts.iter().map(|part| part.number).collect())
}

/// The parts that the store has whole.
async fn whole_parts(originals: &Originals, photo: &PhotoRecord) -> Result<Vec<StoredPart>, Failure> {
    let Some(upload) = &photo.parts else { return Ok(vec![]) };
    let parts = originals.parts(&photo.original_key(), upload).await?.unwrap_or_default();
    let whole = |part: &StoredPart| part_bytes(photo.bytes, part.number) == Some(part.bytes);
    Ok(parts.into_iter().filter(whole).collect())
}
