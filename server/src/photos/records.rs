//! The row of a photo, and its keys.

use crate::aws::table::{Key, keys};
use imaging::{Format, WIDTHS};
use model::ids::{AccountId, PhotoId};
use model::photos::{ANIMATED, DateSource, Media, Modified, Photo, Reason, Receipt, Shot, Size, State, Step, wall};
use model::time::{Day, Time};
use model::timeline::{SHIFT_MS, cursor_of, cursor_prefix};
use serde::{Deserialize, Serialize};

/// A photo's row, as in the table and in its stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoRecord {
    /// Schema version.
    pub version: u32,
    /// Number of writes of this row, for optimistic locking.
    pub revision: u64,
    /// Partition of the timeline index.
    pub timeline_pk: String,
    /// Sort key of the timeline index: time, then identifier.
    pub timeline_sk: String,
    /// The photo.
    pub id: PhotoId,
    /// Whose library it belongs to.
    pub library: AccountId,
    /// Name of the file it came from.
    pub name: String,
    /// Media type that was granted.
    pub kind: String,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// SHA-256 of the original in base64, as the browser computed it.
    pub sha256: String,
    /// The checksums found on arrival. Missing up to version 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// When the grant expires.
    pub grant_ends_at: Time,
    /// When the last presigned URL expires. Missing up to version 3: then it is `grant_ends_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_until: Option<Time>,
    /// Id of the multipart upload, while there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<String>,
    /// Its state.
    pub state: State,
    /// Every state it was in, oldest first.
    pub history: Vec<Step>,
    /// The number of the run of the imaging workflow, from 1.
    pub generation: u32,
    /// Unguessable part of the renditions' keys.
    pub random: String,
    /// Whether it has a preview, shown until it is ready.
    #[serde(default, skip_serializing_if = "is_false")]
    pub preview: bool,
    /// Formats that this generation has finished.
    pub formats: Vec<String>,
    /// Formats that this generation could not make.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<FailedFormat>,
    /// Whether it has an animated rendition, too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub animated: bool,
    /// Camera metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shot: Option<Shot>,
    /// Nominal widths of the renditions.
    pub widths: Vec<u32>,
    /// Its size, once it was inspected.
    pub size: Option<Size>,
    /// ThumbHash in base64.
    pub thumbhash: Option<String>,
    /// When its file was last modified, by the uploading device. Missing up to version 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Modified>,
    /// UTC offset of the uploading device at the grant, in minutes. Missing up to version 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_zone: Option<i16>,
    /// When it was taken, or granted.
    pub taken_at: Time,
    /// The source of that date. Missing up to version 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_source: Option<DateSource>,
    /// The local time at which it was taken, as corrected by its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Time>,
    /// Its owner's caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Whether it is a favourite of its owner.
    #[serde(default, skip_serializing_if = "is_false")]
    pub favourite: bool,
    /// Rotation by its owner, in clockwise quarter turns.
    #[serde(default)]
    pub turned: u8,
    /// Since when it is in the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Time>,
    /// Since when it is in the trash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_at: Option<Time>,
    /// Whether it counts towards its library's quota. Missing up to version 2.
    #[serde(default)]
    pub counted: bool,
    /// Partition of the index `due`: the sweep that it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_pk: Option<String>,
    /// Sort key of the index `due`: when the sweep may take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_sk: Option<String>,
}

/// A format that could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedFormat {
    /// Its name.
    pub format: String,
    /// Why, for the operator.
    pub reason: String,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// How long a photo stays in the trash before it is purged.
pub const TRASH_SECONDS: i64 = 30 * 86_400;

/// A sweep that rows wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// Grants that expired without an upload.
    Grant,
    /// Photos whose time in the trash is over.
    Purge,
}

impl Sweep {
    /// Partition of the index `due`.
    pub fn due_pk(self) -> &'static str {
        match self {
            Self::Grant => keys::DUE_GRANTS,
            Self::Purge => keys::DUE_PURGES,
        }
    }
}

impl PhotoRecord {
    /// Current schema version.
    pub const VERSION: u32 = 7;

    /// The key of a photo.
    pub fn key(id: &PhotoId) -> Key {
        keys::photo(id)
    }

    /// Whether this is the place of a photo.
    pub fn is_key(key: &Key) -> bool {
        key.pk.starts_with(keys::PHOTO_PREFIX) && key.sk == keys::PHOTO
    }

    /// The day it is counted in, if it is on the timeline.
    pub fn day(&self) -> Option<Day> {
        let (time, _) = self.timeline_sk.split_once('#')?;
        let wall = time.parse::<i64>().ok()? - SHIFT_MS;
        (self.timeline_pk == keys::library_partition(&self.library)).then(|| Day::of(Time(wall)))
    }

    /// Its key in the list of favourites, if it is one.
    pub fn favourite_key(&self) -> Option<Key> {
        (self.favourite && self.trashed_at.is_none()).then(|| FavouriteRecord::key(&self.library, &self.timeline_sk))
    }

    /// The source of its date. Before version 7, dates not from metadata are that of the grant.
    fn date_source(&self) -> DateSource {
        let granted = self.history.first().is_some_and(|step| step.at == self.taken_at);
        self.date_source.unwrap_or(match granted {
            true => DateSource::Uploaded,
            false => DateSource::Metadata,
        })
    }

    /// Whether its upload was cancelled. It may still arrive.
    pub fn not_delivered(&self) -> bool {
        self.state
            == State::Refused {
                reason: Reason::NotDelivered,
            }
    }

    /// Sets its keys in the indexes from its other fields.
    pub fn update_index_keys(&mut self) {
        self.version = Self::VERSION;
        self.timeline_pk = match (self.trashed_at, self.archived_at) {
            (Some(_), _) => keys::trash_partition(&self.library),
            (None, Some(_)) => keys::archive_partition(&self.library),
            (None, None) => keys::library_partition(&self.library),
        };
        let wall = self.corrected.unwrap_or_else(|| wall(self.taken_at, self.shot.as_ref()));
        self.timeline_sk = cursor_of(wall, &self.id);
        let due = match (self.trashed_at, &self.state) {
            (Some(at), _) => Some((Sweep::Purge, at.plus_seconds(TRASH_SECONDS))),
            (None, State::Expected) => Some((Sweep::Grant, self.grant_ends_at)),
            (None, _) if self.counted && self.not_delivered() => {
                Some((Sweep::Grant, self.signed_until.unwrap_or(self.grant_ends_at)))
            }
            _ => None,
        };
        self.due_pk = due.map(|(sweep, _)| sweep.due_pk().into());
        self.due_sk = due.map(|(_, at)| keys::due_sk(at, self.id.as_str()));
    }

    /// An upper bound, exclusive, of the sort keys of a day.
    pub fn day_end(day: Day) -> String {
        cursor_prefix(Day(day.0.saturating_add(1)).begins())
    }

    /// Whether a text is a valid sort key of a timeline.
    pub fn is_cursor(text: &str) -> bool {
        let digits = |time: &str| time.len() == 15 && time.bytes().all(|byte| byte.is_ascii_digit());
        text.split_once('#')
            .is_some_and(|(time, id)| digits(time) && id.parse::<PhotoId>().is_ok())
    }

    /// The object key of the original.
    pub fn original_key(&self) -> String {
        original_key(&self.library, &self.id)
    }

    /// `<photo>/<random>/<generation>`, the folder of the renditions.
    pub fn folder(&self) -> String {
        format!("{}/{}/{}", self.id, self.random, self.generation)
    }

    /// The object key of a rendition.
    pub fn rendition_key(folder: &str, width: u32, format: Format) -> String {
        format!("media/{folder}/{width}.{}", format.extension())
    }

    /// The object key of the animated rendition.
    pub fn animation_key(folder: &str) -> String {
        format!("media/{folder}/{ANIMATED}.{}", Format::Webp.extension())
    }

    /// `<photo>/<random>/0`, the folder of the preview: before the first generation.
    pub fn preview_folder(&self) -> String {
        format!("{}/{}/0", self.id, self.random)
    }

    /// The images that can be shown.
    fn media(&self) -> Option<Media> {
        let (folder, widths, formats) = match self.state {
            State::Ready => (self.folder(), self.widths.clone(), self.formats.clone()),
            State::Expected | State::Received | State::Developing { .. } if self.preview => {
                let [smallest, ..] = WIDTHS;
                (self.preview_folder(), vec![smallest], vec![Format::Jpeg.name().into()])
            }
            _ => return None,
        };
        Some(Media {
            folder,
            widths,
            formats,
            animated: self.animated && self.state == State::Ready,
            proof: String::new(),
        })
    }

    /// The photo as its owner sees it; links are not signed.
    pub fn photo(&self) -> Photo {
        let mut photo = Photo {
            id: self.id.clone(),
            library: self.library.clone(),
            revision: self.revision,
            name: self.name.clone(),
            bytes: self.bytes,
            sha256: self.sha256.clone(),
            receipt: self.receipt.clone(),
            state: self.state.clone(),
            history: self.history.clone(),
            size: self.size,
            thumbhash: self.thumbhash.clone(),
            taken_at: self.taken_at,
            date_source: self.date_source(),
            shot: self.shot.clone(),
            caption: self.caption.clone(),
            favourite: self.favourite,
            turned: self.turned,
            archived_at: self.archived_at,
            trashed_at: self.trashed_at,
            media: self.media(),
        };
        if let Some(wall) = self.corrected {
            photo.correct_date(wall);
        }
        photo
    }
}

/// An entry of a library's list of favourites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FavouriteRecord {
    /// The photo.
    pub photo: PhotoId,
    /// Its sort key in the timeline, which is the cursor of a page.
    pub place: String,
}

impl FavouriteRecord {
    /// The favourite of a photo.
    pub fn of(photo: &PhotoRecord) -> Self {
        Self {
            photo: photo.id.clone(),
            place: photo.timeline_sk.clone(),
        }
    }

    /// Its key, by the photo's sort key in the timeline.
    pub fn key(library: &AccountId, place: &str) -> Key {
        keys::favourite(library, place)
    }
}

/// The object key of an original.
pub fn original_key(library: &AccountId, photo: &PhotoId) -> String {
    format!("{}{photo}", originals_folder(library))
}

/// The key prefix of a library's originals.
pub fn originals_folder(library: &AccountId) -> String {
    format!("originals/{library}/")
}

/// Library and photo of an original's key; `None` for other keys.
pub fn parse_original_key(key: &str) -> Option<(AccountId, PhotoId)> {
    let (library, photo) = key.strip_prefix("originals/")?.split_once('/')?;
    Some((library.parse().ok()?, photo.parse().ok()?))
}
