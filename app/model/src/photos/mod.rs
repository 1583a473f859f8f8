//! Photos, their states and uploads.

mod date;
mod kinds;
mod upload;

use crate::ids::{AccountId, PhotoId};
use crate::time::{Day, Time};
use serde::{Deserialize, Serialize};

pub use date::{DateSource, FURTHEST_ZONE, LATEST_MS, Modified};
pub use kinds::{KINDS, RAW, acceptable, extension_of, kind_of};
pub use upload::{
    EXPECTED_DAYS, Grant, MAX_ORIGINAL_BYTES, MAX_PREVIEW_BYTES, MAX_PREVIEW_EDGE, MAX_SIGNED_PARTS, PART_BYTES,
    PARTS_FROM_BYTES, Part, Preview, Put, Upload, Wanted, part_bytes, parts_of,
};

/// The maximum length of a file name in characters, as in file systems.
pub const MAX_NAME_CHARS: usize = 255;

/// The processing state of a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum State {
    /// An upload was granted; the original has not arrived yet.
    Expected,
    /// The original has arrived.
    Received,
    /// Renditions are being made, format by format.
    Developing {
        /// The number of formats that are done.
        done: u32,
        /// The number of formats in total.
        of: u32,
    },
    /// Its renditions can be shown.
    Ready,
    /// It cannot be processed, or its original never arrived.
    Refused {
        /// The reason.
        reason: Reason,
    },
}

/// Why a photo was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Reason {
    /// The file has no bytes.
    Empty,
    /// The file is not in a supported format.
    NotAPhoto {
        /// Whether it is an image nevertheless, in an encoding that is not supported.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        picture: bool,
    },
    /// The file is truncated or inconsistent.
    Damaged,
    /// The image has more pixels than the limit.
    TooManyPixels {
        /// According to the file's header.
        width: u32,
        /// According to the file's header.
        height: u32,
    },
    /// The SHA-256 of the stored bytes differs from the one that the client announced.
    WrongChecksum,
    /// The upload did not arrive before its grant expired, or was cancelled.
    NotDelivered,
    /// Processing failed through no fault of the file.
    OurFault,
}

/// An entry of a photo's history: a state and when it was entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// The state.
    pub state: State,
    /// When it was entered.
    pub at: Time,
}

/// Dimensions of the upright image in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Size {
    /// Width of the upright image.
    pub width: u32,
    /// Height of the upright image.
    pub height: u32,
}

/// The renditions of a photo, and how to link to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Media {
    /// `<photo>/<random>/<generation>`.
    pub folder: String,
    /// The available nominal widths, smallest first, in pixels of the long edge.
    pub widths: Vec<u32>,
    /// The available formats, by name.
    pub formats: Vec<String>,
    /// Whether there is an animated rendition, [`ANIMATED`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub animated: bool,
    /// The signed query of the links; empty until they are signed for a viewer with access.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub proof: String,
}

/// Replaces the width in the link to the animated rendition.
pub const ANIMATED: &str = "animated";

impl Media {
    /// Path and query of the animated rendition, if there is one.
    pub fn animation(&self) -> Option<String> {
        self.animated
            .then(|| format!("/media/{}/{ANIMATED}?{}", self.folder, self.proof))
    }

    /// Whether both link to the same images with the same expiry, so that images need not be loaded again. Additional formats make no
    /// difference.
    pub fn is_same_content(&self, other: &Self) -> bool {
        let expiry = |media: &Self| media.proof.split('&').find(|part| part.starts_with("e=")).map(str::to_owned);
        self.folder == other.folder && self.widths == other.widths && expiry(self) == expiry(other)
    }

    /// Path and query of the smallest rendition that is at least `width` wide, or of the largest.
    pub fn link(&self, width: u32) -> Option<String> {
        let nominal = self.widths.iter().find(|w| **w >= width).or(self.widths.last())?;
        Some(format!("/media/{}/{nominal}?{}", self.folder, self.proof))
    }
}

/// Capture data from the metadata, as integers in small units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shot {
    /// UTC offset of the photo's date in minutes: the camera's, or else the uploading device's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<i16>,
    /// Make and model of the camera.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera: Option<String>,
    /// Name of the lens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lens: Option<String>,
    /// Exposure time in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure_us: Option<u32>,
    /// The f-number times 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aperture_hundredths: Option<u32>,
    /// ISO sensitivity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iso: Option<u32>,
    /// Actual focal length in tenths of a millimetre, not the 35 mm equivalent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focal_tenths: Option<u32>,
    /// Where it was taken, by GPS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A location in WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// Latitude in ten-millionths of a degree; north is positive.
    pub latitude: i32,
    /// Longitude in ten-millionths of a degree; east is positive.
    pub longitude: i32,
    /// Metres above sea level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub altitude: Option<i32>,
}

/// Checksums of the stored original, taken when it was read completely on arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// SHA-256 of the stored bytes in base64.
    pub sha256: String,
    /// The SHA-256 that S3 computed, in base64; for a multipart upload its composite checksum, a hyphen and the number of parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// When it was read.
    pub at: Time,
}

/// A photo, as its owner's pages get it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Photo {
    /// Its identifier.
    pub id: PhotoId,
    /// The account whose library it is in.
    pub library: AccountId,
    /// Counts its changes: of two versions, the one with the higher revision is newer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revision: u64,
    /// Name of the uploaded file.
    pub name: String,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// SHA-256 of the original in base64, as the uploading browser computed it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// Checksums of the stored original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// Its processing state.
    pub state: State,
    /// Its states so far, oldest first.
    pub history: Vec<Step>,
    /// Dimensions, once it was inspected.
    pub size: Option<Size>,
    /// ThumbHash in base64, once there is a preview or it was inspected.
    pub thumbhash: Option<String>,
    /// When it was taken, as far as known; [`Photo::date_source`] says how.
    pub taken_at: Time,
    /// The source of [`Photo::taken_at`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub date_source: DateSource,
    /// Capture data from the metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shot: Option<Shot>,
    /// The owner's caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Whether its owner marked it as a favourite.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub favourite: bool,
    /// Quarter turns clockwise that its owner gave it, from 0 to 3. Renditions and [`Photo::size`] know nothing of them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub turned: u8,
    /// When it was archived, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Time>,
    /// When it was moved to the trash, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_at: Option<Time>,
    /// Its renditions, once it is ready.
    pub media: Option<Media>,
}

fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

impl Photo {
    /// The local date and time where it was taken, as if in UTC. Photos are sorted and dated by it.
    pub fn wall(&self) -> Time {
        wall(self.taken_at, self.shot.as_ref())
    }

    /// The local day on which it was taken.
    pub fn day(&self) -> Day {
        Day::of(self.wall())
    }

    /// Offset of its date from UTC in minutes, if known.
    pub fn zone(&self) -> Option<i16> {
        self.shot.as_ref().and_then(|shot| shot.zone)
    }

    /// Its date for `<time datetime>`: without an offset if none is known, and without a time if only the day is known.
    pub fn datetime(&self) -> String {
        if self.date_source == DateSource::FileNameDay {
            return self.day().to_string();
        }
        let wall = self.wall().wall_text();
        match self.zone() {
            None => wall,
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                format!("{wall}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }

    /// Sets the local date that its owner entered, without a time zone.
    pub fn correct_date(&mut self, wall: Time) {
        self.taken_at = wall;
        self.date_source = DateSource::Owner;
        if let Some(shot) = &mut self.shot {
            shot.zone = None;
        }
    }

    /// Its size with the owner's rotation applied.
    pub fn shown_size(&self) -> Option<Size> {
        self.size.map(|size| match self.turned % 2 {
            0 => size,
            _ => Size {
                width: size.height,
                height: size.width,
            },
        })
    }

    /// Without details that only a single photo's page shows: its history, its receipt, and its shot except for the zone.
    pub fn trimmed(self) -> Self {
        let zone = self.shot.and_then(|shot| shot.zone);
        Self {
            history: vec![],
            receipt: None,
            shot: zone.map(|zone| Shot {
                zone: Some(zone),
                ..Shot::default()
            }),
            ..self
        }
    }

    /// Whether it is in the timeline.
    pub fn is_in_timeline(&self) -> bool {
        self.trashed_at.is_none() && self.archived_at.is_none()
    }
}

/// The local time of a moment, if its zone is known.
pub fn wall(taken_at: Time, shot: Option<&Shot>) -> Time {
    let minutes = shot.and_then(|shot| shot.zone).unwrap_or(0);
    taken_at.plus_seconds(i64::from(minutes) * 60)
}

/// The maximum length of a caption in characters.
pub const MAX_CAPTION_CHARS: usize = 500;

/// A change of a photo by its owner. It sets the new value, and so is idempotent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "set", rename_all = "snake_case")]
pub enum Amendment {
    /// Sets the caption; an empty text removes it.
    Caption {
        /// At most [`MAX_CAPTION_CHARS`].
        text: String,
    },
    /// Marks it as a favourite, or not.
    Favourite {
        /// Whether it is.
        on: bool,
    },
    /// Archives it, or not.
    Archived {
        /// Whether it is.
        on: bool,
    },
    /// Sets its rotation.
    Turned {
        /// Quarter turns clockwise, from 0 to 3.
        quarters: u8,
    },
    /// Corrects when it was taken.
    Dated {
        /// The local time, from [`EARLIEST_WALL`] to [`latest_wall`]; `None` restores the original date.
        wall: Option<Time>,
    },
}

/// The earliest date that a photo can have: 1 January of the year 1, the minimum of browsers' date fields.
pub const EARLIEST_WALL: Time = Time(-62_135_596_800_000);

/// The latest date that a photo can have: now, in the zone with the largest offset.
pub fn latest_wall(now: Time) -> Time {
    now.plus_seconds(i64::from(FURTHEST_ZONE) * 60)
}

impl Amendment {
    /// Applies the change optimistically, before the server has confirmed it.
    pub fn apply(&self, photo: &mut Photo, at: Time) {
        match self {
            Self::Caption { text } => photo.caption = Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Self::Favourite { on } => photo.favourite = *on,
            Self::Archived { on } => photo.archived_at = on.then_some(photo.archived_at.unwrap_or(at)),
            Self::Turned { quarters } => photo.turned = quarters % 4,
            Self::Dated { wall: Some(wall) } => photo.correct_date(*wall),
            // Only the server knows the original date.
            Self::Dated { wall: None } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Media;

    #[test]
    fn links_the_smallest_rendition_that_is_large_enough() {
        let media = Media {
            folder: "p/r/1".into(),
            widths: vec![320, 960],
            animated: false,
            formats: vec!["jpeg".into()],
            proof: "k=1".into(),
        };
        assert_eq!(media.link(300).as_deref(), Some("/media/p/r/1/320?k=1"));
        assert_eq!(media.link(321).as_deref(), Some("/media/p/r/1/960?k=1"));
        assert_eq!(media.link(4000).as_deref(), Some("/media/p/r/1/960?k=1"));
    }
}
