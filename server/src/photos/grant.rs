//! A photo that is wanted: expected from now on, or found in the library by its bytes.

use super::change::change;
use super::claim::{ClaimRecord, is_sha256};
use super::name;
use super::rate;
use super::records::PhotoRecord;
use super::upload;
use super::usage;
use crate::albums::access::OpenLibrary;
use crate::aws::originals::Originals;
use crate::aws::table::{Given, Row, Table};
use crate::failure::{Failure, While};
use crate::{now, secrets};
use model::ids::PhotoId;
use model::photos::{
    DateSource, EXPECTED_DAYS, FURTHEST_ZONE, KINDS, LATEST_MS, MAX_ORIGINAL_BYTES, Modified, Shot, State, Step, Wanted,
};
use model::refusals::Refusal;
use model::time::Time;
use std::time::Duration;

/// How often a grant is tried when others of the library are counted at the same moment.
const ATTEMPTS: u32 = 12;

/// Seconds that are waited before that, at most.
const LONGEST_PAUSE: f64 = 0.1;

/// How long a photo is expected after its upload was last asked for: laptops are closed over a week of holidays.
pub const GRANT_LASTS: Duration = Duration::from_secs(EXPECTED_DAYS as u64 * 86_400);

/// A [`Wanted`] that was checked.
pub struct Announced {
    name: String,
    kind: String,
    bytes: u64,
    sha256: String,
    modified: Option<Modified>,
    zone: Option<i16>,
}

impl Announced {
    /// Checks what a browser says of its file.
    ///
    /// # Errors
    /// A refusal that names the first thing that is wrong.
    pub fn parse(wanted: Wanted) -> Result<Self, Refusal> {
        if !KINDS.contains(&wanted.kind.as_str()) {
            return Err(Refusal::UnsupportedKind);
        }
        if wanted.bytes == 0 {
            return Err(Refusal::EmptyFile);
        }
        if wanted.bytes > MAX_ORIGINAL_BYTES {
            return Err(Refusal::TooLarge {
                limit: MAX_ORIGINAL_BYTES,
            });
        }
        if !is_sha256(&wanted.sha256) {
            return Err(Refusal::BadChecksum);
        }
        let is_moment = |at: Time| (-LATEST_MS..=LATEST_MS).contains(&at.0);
        let is_possible = |modified: Modified| is_moment(modified.at) && is_zone(modified.zone);
        if !wanted.modified.is_none_or(is_possible) || !wanted.zone.is_none_or(is_zone) {
            return Err(Refusal::Malformed);
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

/// What a library makes of a photo that is wanted.
#[derive(Debug)]
pub enum Granted {
    /// Its bytes are to come.
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

/// Expects a photo in the library, or finds the one that has its bytes. Asked twice, it answers the same photo twice.
///
/// # Errors
/// [`Refusal::OverQuota`]; [`Refusal::TooManyPhotos`]; [`Refusal::TooManyGrants`]; [`Refusal::TooMany`] where too many others of the
/// library are granted at this moment.
pub async fn grant(table: &Table, library: &OpenLibrary, wanted: &Announced, lasts: Duration) -> Result<Granted, Failure> {
    let key = ClaimRecord::key(library.account(), &wanted.sha256);
    let mut admitted = false;
    for _ in 0..ATTEMPTS {
        let claim: Option<ClaimRecord> = table.get(&key).await?;
        if let Some(claim) = &claim
            && let Some(granted) = of_same_bytes(table, &claim.photo, lasts).await?
        {
            return Ok(granted);
        }
        if !admitted {
            rate::admit(table, library.account(), now()).await?;
            admitted = true;
        }
        let photo = expected(library, wanted, lasts)?;
        if claimed(table, &photo, claim.as_ref()).await? {
            return Ok(Granted::Expected(photo));
        }
        // Either it would be too much, or another grant was being counted, or the same was granted, at this moment.
        let usage = usage::usage(table, &photo.library).await?;
        if usage.bytes.saturating_add(photo.bytes) > usage.quota {
            return Err(Refusal::OverQuota {
                used: usage.bytes,
                quota: usage.quota,
            }
            .into());
        }
        if usage.photos >= u64::from(usage.most_photos) {
            return Err(Refusal::TooManyPhotos { most: usage.most_photos }.into());
        }
        tokio::time::sleep(Duration::from_secs_f64(secrets::random_fraction()? * LONGEST_PAUSE)).await;
    }
    Err(Refusal::TooMany.into())
}

/// The photo of a claim, if it has the bytes or may still get them. From the trash it comes back, unless it was refused there.
async fn of_same_bytes(table: &Table, id: &PhotoId, lasts: Duration) -> Result<Option<Granted>, Failure> {
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

/// Writes a photo that is expected, with its claim and its room.
async fn claimed(table: &Table, photo: &PhotoRecord, before: Option<&ClaimRecord>) -> Result<bool, Failure> {
    let claim = Row {
        key: ClaimRecord::key(&photo.library, &photo.sha256),
        item: &ClaimRecord {
            version: ClaimRecord::VERSION,
            photo: photo.id.clone(),
        },
        given: match before {
            None => Given::Absent,
            Some(before) => Given::Text("photo", before.photo.as_str()),
        },
    };
    let row = Row {
        key: PhotoRecord::key(&photo.id),
        item: photo,
        given: Given::Absent,
    };
    let limits = usage::limits(table).await?;
    let writes = vec![
        table.together(row)?,
        table.together(claim)?,
        usage::counted(table, photo, 1, Some(limits))?,
    ];
    table.put_together(writes).await
}

fn expected(library: &OpenLibrary, wanted: &Announced, lasts: Duration) -> Result<PhotoRecord, Failure> {
    let at = now();
    let mut photo = PhotoRecord {
        version: PhotoRecord::VERSION,
        revision: 1,
        timeline_pk: String::new(),
        timeline_sk: String::new(),
        id: PhotoId::try_from(uuid::Uuid::now_v7().to_string()).while_doing("name a photo")?,
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
        // Until it is inspected it stands at the day of its upload, where it is uploaded.
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
    // It is signed at once.
    photo.sign(at);
    photo.take_place();
    Ok(photo)
}

/// The bytes of a photo of this library will not come. What came in parts is thrown away.
pub async fn give_up(table: &Table, originals: &Originals, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, Failure> {
    let photo = super::timeline::photo(table, library, id).await?;
    if photo.state == State::Expected {
        upload::throw_away(originals, &photo).await?;
    }
    Ok(change(table, id, PhotoRecord::give_up).await?.ok_or(Refusal::NotFound)?)
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
    fn refuses_moments_and_zones_that_no_device_has() {
        let modified = |at, zone| {
            let modified = Some(Modified { at: Time(at), zone });
            Announced::parse(Wanted { modified, ..wanted() }).err()
        };
        for at in [i64::MIN, -LATEST_MS - 1, LATEST_MS + 1, i64::MAX] {
            assert_eq!(modified(at, 0), Some(Refusal::Malformed), "{at}");
        }
        for at in [-LATEST_MS, -1, 0, LATEST_MS] {
            assert_eq!(modified(at, 0), None, "{at}");
        }
        for zone in [i16::MIN, -841, 841, i16::MAX] {
            assert_eq!(modified(0, zone), Some(Refusal::Malformed), "{zone}");
            let now = Announced::parse(Wanted {
                zone: Some(zone),
                ..wanted()
            });
            assert_eq!(now.err(), Some(Refusal::Malformed), "{zone}");
        }
        assert_eq!([modified(0, -840), modified(0, 840)], [None, None]);
        let json = r#"{"name":"a.jpg","kind":"image/jpeg","bytes":5,"sha256":"","zone":100000}"#;
        assert!(serde_json::from_str::<Wanted>(json).is_err(), "no zone at all");
    }

    #[test]
    fn refuses_what_no_photo_can_be() {
        let cases = [
            (
                Wanted {
                    kind: "text/plain".into(),
                    ..wanted()
                },
                Refusal::UnsupportedKind,
            ),
            (Wanted { bytes: 0, ..wanted() }, Refusal::EmptyFile),
            (
                Wanted {
                    bytes: MAX_ORIGINAL_BYTES + 1,
                    ..wanted()
                },
                Refusal::TooLarge {
                    limit: MAX_ORIGINAL_BYTES,
                },
            ),
            (
                Wanted {
                    sha256: "short".into(),
                    ..wanted()
                },
                Refusal::BadChecksum,
            ),
            (
                Wanted {
                    sha256: STANDARD.encode([7; 31]),
                    ..wanted()
                },
                Refusal::BadChecksum,
            ),
        ];
        for (wanted, refusal) in cases {
            assert_eq!(Announced::parse(wanted).err(), Some(refusal));
        }
        for bytes in [1, MAX_ORIGINAL_BYTES] {
            assert_eq!(Announced::parse(Wanted { bytes, ..wanted() }).err(), None, "{bytes}");
        }
    }
}
