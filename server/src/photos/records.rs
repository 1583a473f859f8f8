//! Key and shape of a photo.

use crate::aws::table::Key;
use develop::{Format, WIDTHS};
use model::ids::{AccountId, PhotoId};
use model::photos::{ANIMATED, DateSource, Media, Modified, Photo, Reason, Receipt, Shot, Size, State, Step, wall};
use model::time::{Day, Time};
use model::timeline::{SHIFT_MS, place, place_of};
use serde::{Deserialize, Serialize};

/// A photo's row. The same shape is read from the table and from its stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoRecord {
    /// Version of this shape.
    pub version: u32,
    /// Counts the writes of this row; each write requires the count it read.
    pub revision: u64,
    /// Partition of the timeline index.
    pub timeline_pk: String,
    /// Place in the timeline: time, then identifier.
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
    /// What it was found to be on arrival. Version 3 did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// Until when the bytes are expected.
    pub grant_ends_at: Time,
    /// Until when they may begin to travel by a signature that was given out. Version 3 did not say: as long as expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_until: Option<Time>,
    /// Names the store's upload, where the original travels in parts and has not been put together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<String>,
    /// Where it is on its way.
    pub state: State,
    /// Every state it was in, oldest first.
    pub history: Vec<Step>,
    /// Which run of developing this is, from 1.
    pub generation: u32,
    /// Unguessable part of the renditions' address.
    pub random: String,
    /// Whether a preview is shown until it is ready.
    #[serde(default, skip_serializing_if = "is_false")]
    pub preview: bool,
    /// Formats that this generation has finished.
    pub formats: Vec<String>,
    /// Formats that this generation could not make.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<Lacking>,
    /// Whether there is a moving rendition, too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub animated: bool,
    /// What the camera wrote about the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shot: Option<Shot>,
    /// Nominal widths of the renditions.
    pub widths: Vec<u32>,
    /// Known once it was inspected.
    pub size: Option<Size>,
    /// ThumbHash in base64.
    pub thumbhash: Option<String>,
    /// When its file was last written to, as the uploading device told it. Version 6 did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Modified>,
    /// Minutes that the uploading device's clock was ahead of UTC when it was granted. Version 6 did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_zone: Option<i16>,
    /// When it was taken, or granted.
    pub taken_at: Time,
    /// Which of them. Version 6 did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_source: Option<DateSource>,
    /// What the clock showed when it was taken, as its owner corrected it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Time>,
    /// What its owner wrote about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Whether its owner likes it best.
    #[serde(default, skip_serializing_if = "is_false")]
    pub favourite: bool,
    /// Quarter turns clockwise that its owner gave it.
    #[serde(default)]
    pub turned: u8,
    /// Since when it is in the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Time>,
    /// Since when it is in the trash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_at: Option<Time>,
    /// Whether it is in its library's count of bytes. Version 2 did not say.
    #[serde(default)]
    pub counted: bool,
    /// Which sweep it waits for: partition of the index `due`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_pk: Option<String>,
    /// Since when that sweep may take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_sk: Option<String>,
}

/// A format that could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacking {
    /// Its name.
    pub format: String,
    /// Why, for the operator.
    pub reason: String,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// How long a photo lies in the trash before it is purged.
pub const TRASH_SECONDS: i64 = 30 * 86_400;

/// A sweep that rows wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// Grants that ended without their bytes.
    Grant,
    /// Photos whose time in the trash is over.
    Purge,
}

impl Sweep {
    /// Partition of the index `due`.
    pub fn due_pk(self) -> &'static str {
        match self {
            Self::Grant => "GRANT",
            Self::Purge => "PURGE",
        }
    }

    /// Place of what is due at a time: everything before `due_sk(at, "")` is due by then.
    pub fn due_sk(at: Time, id: &str) -> String {
        format!("{:015}#{id}", at.0.clamp(0, 999_999_999_999_999))
    }
}

impl PhotoRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 7;

    /// The place of a photo.
    pub fn key(id: &PhotoId) -> Key {
        Key::new(format!("PHOTO#{id}"), "PHOTO")
    }

    /// Partition of a library's timeline.
    pub fn timeline_pk(library: &AccountId) -> String {
        format!("LIBRARY#{library}")
    }

    /// Partition of a library's trash, in the same index.
    pub fn trash_pk(library: &AccountId) -> String {
        format!("TRASH#{library}")
    }

    /// Partition of a library's archive, in the same index.
    pub fn archive_pk(library: &AccountId) -> String {
        format!("ARCHIVE#{library}")
    }

    /// The day it is counted in, if it is on the timeline.
    pub fn day(&self) -> Option<Day> {
        let (time, _) = self.timeline_sk.split_once('#')?;
        let wall = time.parse::<i64>().ok()? - SHIFT_MS;
        (self.timeline_pk == Self::timeline_pk(&self.library)).then(|| Day::of(Time(wall)))
    }

    /// Where it stands among the favourites, if it does.
    pub fn favourite_key(&self) -> Option<Key> {
        (self.favourite && self.trashed_at.is_none()).then(|| FavouriteRecord::key(&self.library, &self.timeline_sk))
    }

    /// Where its date is from. Before version 7, what was not in the metadata was the moment of the grant.
    fn date_source(&self) -> DateSource {
        let granted = self.history.first().is_some_and(|step| step.at == self.taken_at);
        self.date_source.unwrap_or(match granted {
            true => DateSource::Uploaded,
            false => DateSource::Metadata,
        })
    }

    /// Whether it was given up. Its bytes may come after all.
    pub fn never_came(&self) -> bool {
        self.state
            == State::Refused {
                reason: Reason::NotDelivered,
            }
    }

    /// Finds its place in the indexes from what is true of it.
    pub fn take_place(&mut self) {
        self.version = Self::VERSION;
        self.timeline_pk = match (self.trashed_at, self.archived_at) {
            (Some(_), _) => Self::trash_pk(&self.library),
            (None, Some(_)) => Self::archive_pk(&self.library),
            (None, None) => Self::timeline_pk(&self.library),
        };
        let wall = self.corrected.unwrap_or_else(|| wall(self.taken_at, self.shot.as_ref()));
        self.timeline_sk = place(wall, &self.id);
        let due = match (self.trashed_at, &self.state) {
            (Some(at), _) => Some((Sweep::Purge, at.plus_seconds(TRASH_SECONDS))),
            (None, State::Expected) => Some((Sweep::Grant, self.grant_ends_at)),
            (None, _) if self.counted && self.never_came() => {
                Some((Sweep::Grant, self.signed_until.unwrap_or(self.grant_ends_at)))
            }
            _ => None,
        };
        self.due_pk = due.map(|(sweep, _)| sweep.due_pk().into());
        self.due_sk = due.map(|(_, at)| Sweep::due_sk(at, self.id.as_str()));
    }

    /// What stands behind all places of a day.
    pub fn behind_day(day: Day) -> String {
        place_of(Day(day.0.saturating_add(1)).begins())
    }

    /// Whether a text that a visitor sends is a place in a timeline.
    pub fn is_place(text: &str) -> bool {
        let digits = |time: &str| time.len() == 15 && time.bytes().all(|byte| byte.is_ascii_digit());
        text.split_once('#')
            .is_some_and(|(time, id)| digits(time) && id.parse::<PhotoId>().is_ok())
    }

    /// Where the original lies.
    pub fn original_key(&self) -> String {
        original_key(&self.library, &self.id)
    }

    /// `<photo>/<random>/<generation>`, where the renditions lie.
    pub fn folder(&self) -> String {
        format!("{}/{}/{}", self.id, self.random, self.generation)
    }

    /// Where a rendition lies in its bucket.
    pub fn rendition_key(folder: &str, width: u32, format: Format) -> String {
        format!("media/{folder}/{width}.{}", format.extension())
    }

    /// Where the moving rendition lies in its bucket.
    pub fn animation_key(folder: &str) -> String {
        format!("media/{folder}/{ANIMATED}.{}", Format::Webp.extension())
    }

    /// `<photo>/<random>/0`, where its preview lies: before the first generation.
    pub fn preview_folder(&self) -> String {
        format!("{}/{}/0", self.id, self.random)
    }

    /// The pictures that there are to look at.
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

    /// The photo as its owner sees it; links are without proof.
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

/// A photo's place among the favourites of its library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FavouriteRecord {
    /// The photo.
    pub photo: PhotoId,
    /// Its place, in which a page goes on.
    pub place: String,
}

impl FavouriteRecord {
    /// What all of them begin with.
    pub const PREFIX: &str = "LIST#favourites#";

    /// Its place, by the photo's in the timeline.
    pub fn key(library: &AccountId, place: &str) -> Key {
        Key::new(format!("LIBRARY#{library}"), format!("LIST#favourites#{place}"))
    }
}

/// Where an original lies.
pub fn original_key(library: &AccountId, photo: &PhotoId) -> String {
    format!("{}{photo}", originals_folder(library))
}

/// Where all originals of a library lie.
pub fn originals_folder(library: &AccountId) -> String {
    format!("originals/{library}/")
}

/// Library and photo of an original's key; `None` when the key is none.
pub fn parse_original_key(key: &str) -> Option<(AccountId, PhotoId)> {
    let (library, photo) = key.strip_prefix("originals/")?.split_once('/')?;
    Some((library.parse().ok()?, photo.parse().ok()?))
}
