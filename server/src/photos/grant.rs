//! Upload grants: a new photo is expected, or the library has the same bytes already.

use super::change::change;
use super::claim::{ClaimRecord, is_sha256};
use super::grant_rate_limit;
use super::name;
use super::quota;
use super::records::PhotoRecord;
use super::upload;
use crate::albums::access::OpenLibrary;
use crate::aws::originals::Originals;
use crate::aws::table::{Condition, Row, Table, WriteOutcome};
use crate::backoff::Attempts;
use crate::error::{AppError, Context};
use crate::{now, secrets};
use model::ids::PhotoId;
use model::photos::{
    DateSource, EXPECTED_DAYS, FURTHEST_ZONE, KINDS, LATEST_MS, MAX_ORIGINAL_BYTES, Modified, Shot, State, Step, Wanted,
};
use model::time::Time;
use model::user_error::UserError;
use std::time::Duration;

/// Attempts at a grant when other grants of the library are counted concurrently.
const MAX_ATTEMPTS: u32 = 12;

/// How long a photo is expected after the last request for its upload: laptops are closed over a week of holidays.
pub const GRANT_LASTS: Duration = Duration::from_secs(EXPECTED_DAYS as u64 * 86_400);

/// A validated [`Wanted`].
pub struct Announced {
    name: String,
    kind: String,
    bytes: u64,
    sha256: String,
    modified: Option<Modified>,
    zone: Option<i16>,
}

impl Announced {
    /// Validates what a client sends of its file.
    ///
    /// # Errors
    /// The error of the first invalid field.
    pub fn parse(wanted: Wanted) -> Result<Self, UserError> {
        if !KINDS.contains(&wanted.kind.as_str()) {
            return Err(UserError::UnsupportedKind);
        }
        if wanted.bytes == 0 {
            return Err(UserError::EmptyFile);
        }
        if wanted.bytes > MAX_ORIGINAL_BYTES {
            return Err(UserError::TooLarge {
                limit: MAX_ORIGINAL_BYTES,
            });
        }
        if !is_sha256(&wanted.sha256) {
            return Err(UserError::BadChecksum);
        }
        let is_moment = |at: Time| (-LATEST_MS..=LATEST_MS).contains(&at.0);
        let is_possible = |modified: Modified| is_moment(modified.at) && is_zone(modified.zone);
        if !wanted.modified.is_none_or(is_possible) || !wanted.zone.is_none_or(is_zone) {
            return Err(UserError::Malformed);
        }
        Ok(Self {
            name: name::kept(&wanted.name),
            kind: wanted.kind,
            bytes: wanted.bytes,
            sha256: wanted.sha256,
            modified: wanted.modified,
            zone: wanted.zone,
        })
    }
}

fn is_zone(minutes: i16) -> bool {
    (-FURTHEST_ZONE..=FURTHEST_ZONE).contains(&minutes)
}

/// The result of a grant.
#[derive(Debug)]
pub enum Granted {
    /// The photo is to be uploaded.
    Expected(PhotoRecord),
    /// The library has the same bytes.
    Known(PhotoRecord),
}

impl Granted {
    /// The photo.
    pub fn photo(&self) -> &PhotoRecord {
        let (Self::Expected(photo) | Self::Known(photo)) = self;
        photo
    }
}

/// Grants the upload of a photo, or finds the one that has the same bytes. Idempotent: the same bytes get the same photo.
///
/// # Errors
/// [`UserError::OverQuota`]; [`UserError::TooManyPhotos`]; [`UserError::TooManyGrants`]; [`UserError::TooMany`] if too many
/// grants of the library are concurrent.
pub async fn grant(table: &Table, library: &OpenLibrary, wanted: &Announced, lasts: Duration) -> Result<Granted, AppError> {
    let key = ClaimRecord::key(library.account(), &wanted.sha256);
    let mut admitted = false;
    let mut attempts = Attempts::up_to(MAX_ATTEMPTS);
    while attempts.another().await? {
        let claim: Option<ClaimRecord> = table.get(&key).await?;
        if let Some(claim) = &claim
            && let Some(granted) = of_same_bytes(table, &claim.photo, lasts).await?
        {
            return Ok(granted);
        }
        if !admitted {
            grant_rate_limit::count(table, library.account(), now()).await?;
            admitted = true;
        }
        let photo = expected(library, wanted, lasts)?;
        if write_expected(table, &photo, claim.as_ref()).await?.is_written() {
            return Ok(Granted::Expected(photo));
        }
        // It exceeds a limit, or another grant was counted or the same bytes were granted concurrently.
        let usage = quota::usage(table, &photo.library).await?;
        if usage.bytes.saturating_add(photo.bytes) > usage.quota {
            return Err(UserError::OverQuota {
                used: usage.bytes,
                quota: usage.quota,
            }
            .into());
        }
        if usage.photos >= u64::from(usage.most_photos) {
            return Err(UserError::TooManyPhotos { most: usage.most_photos }.into());
        }
    }
    Err(UserError::TooMany.into())
}

/// The photo of a claim, if it has the bytes or may still get them. It is restored from the trash, unless it was refused.
async fn of_same_bytes(table: &Table, id: &PhotoId, lasts: Duration) -> Result<Option<Granted>, AppError> {
    let photo = change(table, id, |photo, at| {
        let expected = photo.expect(until(at, lasts), at);
        let refused = matches!(photo.state, State::Refused { .. });
        (!refused && photo.restore(at)) || expected
    });
    Ok(photo.await?.and_then(|photo| match photo.state {
        State::Expected => Some(Granted::Expected(photo)),
        State::Refused { .. } => None,
        _ => Some(Granted::Known(photo)),
    }))
}

fn until(at: Time, lasts: Duration) -> Time {
    at.plus_seconds(i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX))
}

/// Writes an expected photo, its claim and its usage in one transaction.
async fn write_expected(table: &Table, photo: &PhotoRecord, before: Option<&ClaimRecord>) -> Result<WriteOutcome, AppError> {
    let claim = Row {
        key: ClaimRecord::key(&photo.library, &photo.sha256),
        item: &ClaimRecord::of(&photo.id),
        condition: match before {
            None => Condition::Absent,
            Some(before) => Condition::Text("photo", before.photo.as_str()),
        },
    };
    let row = Row {
        key: PhotoRecord::key(&photo.id),
        item: photo,
        condition: Condition::Absent,
    };
    let limits = quota::limits(table).await?;
    let writes = vec![
        table.transact_put(row)?,
        table.transact_put(claim)?,
        quota::count_write(table, photo, 1, Some(limits))?,
    ];
    table.transact_write(writes).await
}

fn expected(library: &OpenLibrary, wanted: &Announced, lasts: Duration) -> Result<PhotoRecord, AppError> {
    let at = now();
    let mut photo = PhotoRecord {
        version: PhotoRecord::VERSION,
        revision: 1,
        timeline_pk: String::new(),
        timeline_sk: String::new(),
        id: PhotoId::try_from(uuid::Uuid::now_v7().to_string()).context("create a photo's id")?,
        library: library.account().clone(),
        name: wanted.name.clone(),
        kind: wanted.kind.clone(),
        bytes: wanted.bytes,
        sha256: wanted.sha256.clone(),
        receipt: None,
        grant_ends_at: until(at, lasts),
        signed_until: None,
        parts: None,
        state: State::Expected,
        history: vec![Step {
            state: State::Expected,
            at,
        }],
        generation: 1,
        random: secrets::random_text()?,
        preview: false,
        formats: vec![],
        lacking: vec![],
        animated: false,
        // Until it is inspected, its date is that of its upload, in the uploader's time zone.
        shot: wanted.zone.map(|zone| Shot {
            zone: Some(zone),
            ..Shot::default()
        }),
        caption: None,
        favourite: false,
        turned: 0,
        archived_at: None,
        widths: vec![],
        size: None,
        thumbhash: None,
        modified: wanted.modified,
        upload_zone: wanted.zone,
        taken_at: at,
        date_source: Some(DateSource::Uploaded),
        corrected: None,
        trashed_at: None,
        counted: true,
        due_pk: None,
        due_sk: None,
    };
    // The caller presigns its upload at once.
    photo.sign(at);
    photo.update_index_keys();
    Ok(photo)
}

/// Cancels the upload of a photo of this library; aborts its multipart upload.
pub async fn cancel_upload(
    table: &Table,
    originals: &Originals,
    library: &OpenLibrary,
    id: &PhotoId,
) -> Result<PhotoRecord, AppError> {
    let photo = super::timeline::photo(table, library, id).await?;
    if photo.state == State::Expected {
        upload::abort_multipart(originals, &photo).await?;
    }
    Ok(change(table, id, PhotoRecord::cancel).await?.ok_or(UserError::NotFound)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn wanted() -> Wanted {
        Wanted {
            name: "a.jpg".into(),
            kind: "image/jpeg".into(),
            bytes: 5,
            sha256: STANDARD.encode([7; 32]),
            modified: None,
            zone: None,
        }
    }

    #[test]
    fn refuses_impossible_times_and_zones() {
        let modified = |at, zone| {
            let modified = Some(Modified { at: Time(at), zone });
            Announced::parse(Wanted { modified, ..wanted() }).err()
        };
        for at in [i64::MIN, -LATEST_MS - 1, LATEST_MS + 1, i64::MAX] {
            assert_eq!(modified(at, 0), Some(UserError::Malformed), "{at}");
        }
        for at in [-LATEST_MS, -1, 0, LATEST_MS] {
            assert_eq!(modified(at, 0), None, "{at}");
        }
        for zone in [i16::MIN, -841, 841, i16::MAX] {
            assert_eq!(modified(0, zone), Some(UserError::Malformed), "{zone}");
            let now = Announced::parse(Wanted {
                zone: Some(zone),
                ..wanted()
            });
            assert_eq!(now.err(), Some(UserError::Malformed), "{zone}");
        }
        assert_eq!([modified(0, -840), modified(0, 840)], [None, None]);
        let json = r#"{"name":"a.jpg","kind":"image/jpeg","bytes":5,"sha256":"","zone":100000}"#;
        assert!(serde_json::from_str::<Wanted>(json).is_err(), "out of range for the type");
    }

    #[test]
    fn refuses_invalid_files() {
        let cases = [
            (
                Wanted {
                    kind: "text/plain".into(),
                    ..wanted()
                },
                UserError::UnsupportedKind,
            ),
            (Wanted { bytes: 0, ..wanted() }, UserError::EmptyFile),
            (
                Wanted {
                    bytes: MAX_ORIGINAL_BYTES + 1,
                    ..wanted()
                },
                UserError::TooLarge {
                    limit: MAX_ORIGINAL_BYTES,
                },
            ),
            (
                Wanted {
                    sha256: "short".into(),
                    ..wanted()
                },
                UserError::BadChecksum,
            ),
            (
                Wanted {
                    sha256: STANDARD.encode([7; 31]),
                    ..wanted()
                },
                UserError::BadChecksum,
            ),
        ];
        for (wanted, user_error) in cases {
            assert_eq!(Announced::parse(wanted).err(), Some(user_error));
        }
        for bytes in [1, MAX_ORIGINAL_BYTES] {
            assert_eq!(Announced::parse(Wanted { bytes, ..wanted() }).err(), None, "{bytes}");
        }
    }
}
