//! Permission to upload one original, and what becomes of it when the bytes never come.

use super::change::change;
use super::records::PhotoRecord;
use super::usage;
use crate::albums::access::OpenLibrary;
use crate::aws::originals::{Originals, Presigned, Upload};
use crate::aws::table::{Given, Row, Table};
use crate::failure::{Failure, While};
use crate::{now, secrets};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ids::PhotoId;
use model::photos::{KINDS, MAX_NAME_CHARS, MAX_ORIGINAL_BYTES, State, Step, Wanted};
use model::refusals::Refusal;
use std::time::Duration;

/// How often a grant is tried when others of the library are counted at the same moment.
const ATTEMPTS: u32 = 12;

/// Seconds that are waited before that, at most.
const LONGEST_PAUSE: f64 = 0.1;

/// How long a permission to upload lasts.
pub const GRANT_LASTS: Duration = Duration::from_secs(600);

/// A [`Wanted`] that was checked.
pub struct Announced {
    name: String,
    kind: String,
    bytes: u64,
    sha256: String,
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
        if STANDARD.decode(&wanted.sha256).map(|hash| hash.len()) != Ok(32) {
            return Err(Refusal::BadChecksum);
        }
        let name: String = wanted.name.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
        Ok(Self {
            name,
            kind: wanted.kind,
            bytes: wanted.bytes,
            sha256: wanted.sha256,
        })
    }
}

/// Expects a photo in the library and signs its upload.
pub async fn grant(
    table: &Table,
    originals: &Originals,
    library: &OpenLibrary,
    wanted: Announced,
    lasts: Duration,
) -> Result<(PhotoRecord, Presigned), Failure> {
    let at = now();
    let id = PhotoId::try_from(uuid::Uuid::now_v7().to_string()).while_doing("name a photo")?;
    let mut photo = PhotoRecord {
        version: PhotoRecord::VERSION,
        revision: 1,
        timeline_pk: String::new(),
        timeline_sk: String::new(),
        id,
        library: library.account().clone(),
        name: wanted.name,
        kind: wanted.kind,
        bytes: wanted.bytes,
        sha256: wanted.sha256,
        grant_ends_at: at.plus_seconds(i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX)),
        state: State::Expected,
        history: vec![Step {
            state: State::Expected,
            at,
        }],
        generation: 1,
        random: secrets::random_text()?,
        formats: vec![],
        widths: vec![],
        size: None,
        thumbhash: None,
        taken_at: at,
        trashed_at: None,
        counted: false,
        due_pk: None,
        due_sk: None,
    };
    photo.take_place();
    let key = photo.original_key();
    let upload = Upload {
        key: &key,
        kind: &photo.kind,
        bytes: photo.bytes,
        sha256: &photo.sha256,
        lasts,
    };
    let presigned = originals.presign(upload).await?;
    let quota = usage::quota(table).await?;
    for _ in 0..ATTEMPTS {
        photo.counted = true;
        let row = Row {
            key: PhotoRecord::key(&photo.id),
            item: &photo,
            given: Given::Absent,
        };
        let both = vec![table.together(row)?, usage::counted(table, &photo, 1, Some(quota))?];
        if table.put_together(both).await? {
            return Ok((photo, presigned));
        }
        // Either it would be too much, or another grant was being counted at this moment.
        let used = usage::usage(table, &photo.library).await?.bytes;
        if used.saturating_add(photo.bytes) > quota {
            return Err(Refusal::OverQuota { used, quota }.into());
        }
        tokio::time::sleep(Duration::from_secs_f64(secrets::random_fraction()? * LONGEST_PAUSE)).await;
    }
    Err(Refusal::TooMany.into())
}

/// The bytes of a photo of this library will not come.
pub async fn give_up(table: &Table, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, Failure> {
    super::timeline::photo(table, library, id).await?;
    Ok(change(table, id, PhotoRecord::give_up).await?.ok_or(Refusal::NotFound)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted {
            name: "a.jpg".into(),
            kind: "image/jpeg".into(),
            bytes: 5,
            sha256: STANDARD.encode([7; 32]),
        }
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
    }

    #[test]
    fn keeps_a_name_short_and_printable() {
        let name = format!("a\u{0}\n{}", "b".repeat(500));
        let kept = Announced::parse(Wanted { name, ..wanted() }).map(|announced| announced.name);
        assert_eq!(kept.ok(), Some(format!("a{}", "b".repeat(MAX_NAME_CHARS - 1))));
    }
}
