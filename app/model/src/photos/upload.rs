//! How an original comes: what is asked for, and how its bytes travel.

use super::{Modified, Photo, Size};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The largest original that a grant allows, in bytes. Developing holds it in memory.
pub const MAX_ORIGINAL_BYTES: u64 = 128 << 20;

/// From this size on a browser sends an original in parts, in bytes: a part that breaks off is all that is sent again.
pub const PARTS_FROM_BYTES: u64 = 16 << 20;

/// Bytes of each part but the last. S3 takes no less than 5 MiB.
pub const PART_BYTES: u64 = 8 << 20;

/// The most parts that are signed at once.
pub const MAX_SIGNED_PARTS: usize = 16;

/// Days for which a photo is expected after its upload was last asked for.
pub const EXPECTED_DAYS: i64 = 7;

/// What a browser wants to upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Wanted {
    /// Name of the file.
    pub name: String,
    /// Media type as the browser believes it.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = super::KINDS)))]
    pub kind: String,
    /// Size in bytes.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_ORIGINAL_BYTES)))]
    pub bytes: u64,
    /// SHA-256 of the bytes in base64.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")))]
    pub sha256: String,
    /// When the file was last written to. A photo without a date of its own gets this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Modified>,
    /// Minutes that the device's clock is ahead of UTC now. A photo of which nothing tells the date gets the day of its upload there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = -super::FURTHEST_ZONE, "maximum" = super::FURTHEST_ZONE)))]
    pub zone: Option<i16>,
}

/// What becomes of a file that a browser wants to upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The photo that is expected, or that has the same bytes.
    pub photo: Photo,
    /// How the bytes are to travel; none where the library has them already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Upload>,
}

/// How an original travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Upload {
    /// In one piece.
    Whole(Put),
    /// In parts of [`PART_BYTES`], each signed on its own.
    Parts {
        /// Numbers of those that are there already, from 1.
        there: Vec<u32>,
    },
}

/// A part of an original, before it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its number, from 1.
    pub number: u32,
    /// SHA-256 of its bytes in base64.
    pub sha256: String,
}

/// How many parts an original of so many bytes has.
pub fn parts_of(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(PART_BYTES)).unwrap_or(u32::MAX)
}

/// Bytes of a part of an original; none where there is no such part.
pub fn part_bytes(bytes: u64, number: u32) -> Option<u64> {
    let before = u64::from(number.checked_sub(1)?) * PART_BYTES;
    let left = bytes.checked_sub(before).filter(|left| *left > 0)?;
    Some(left.min(PART_BYTES))
}

/// The most bytes of a preview.
pub const MAX_PREVIEW_BYTES: usize = 16_000;

/// The longest edge of a preview, in pixels.
pub const MAX_PREVIEW_EDGE: u32 = 512;

/// What a browser shows others of a photo whose bytes still travel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The whole picture's size, upright.
    pub size: Size,
    /// A small JPEG of it in base64, upright: at most [`MAX_PREVIEW_BYTES`] and [`MAX_PREVIEW_EDGE`].
    pub jpeg: String,
}

/// Permission to send bytes once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Put {
    /// Where to PUT the bytes.
    pub url: String,
    /// Headers that the signature covers, beside `host` and `content-length`.
    pub headers: Vec<(String, String)>,
    /// When the permission ends, in milliseconds since 1970.
    pub expires: Time,
}

#[cfg(test)]
mod tests {
    use super::{PART_BYTES, part_bytes, parts_of};

    #[test]
    fn parts_cover_an_original() {
        for bytes in [1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 5 * PART_BYTES] {
            let parts = parts_of(bytes);
            let sum: u64 = (1..=parts).filter_map(|number| part_bytes(bytes, number)).sum();
            assert_eq!(sum, bytes);
            assert_eq!((part_bytes(bytes, 0), part_bytes(bytes, parts + 1)), (None, None));
        }
    }
}
