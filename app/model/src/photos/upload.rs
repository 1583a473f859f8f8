//! Uploading an original: grants, parts and previews.

use super::{Modified, Photo, Size};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The maximum size of an original in bytes. Processing holds it in memory.
pub const MAX_ORIGINAL_BYTES: u64 = 128 << 20;

/// From this size in bytes, originals are uploaded in parts, so that only the interrupted part is sent again.
pub const PARTS_FROM_BYTES: u64 = 16 << 20;

/// Size of each part except the last, in bytes. S3's minimum is 5 MiB.
pub const PART_BYTES: u64 = 8 << 20;

/// The maximum number of parts that are signed at once.
pub const MAX_SIGNED_PARTS: usize = 16;

/// Days after which an upload that was not completed expires.
pub const EXPECTED_DAYS: i64 = 7;

/// A file to upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Wanted {
    /// Name of the file.
    pub name: String,
    /// Media type that the client reports.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = super::KINDS)))]
    pub kind: String,
    /// Size in bytes.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_ORIGINAL_BYTES)))]
    pub bytes: u64,
    /// SHA-256 of the bytes in base64.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")))]
    pub sha256: String,
    /// When the file was last modified. The date of photos without metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Modified>,
    /// Current offset of the device's clock from UTC in minutes. Photos without any date get the local day of the upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = -super::FURTHEST_ZONE, "maximum" = super::FURTHEST_ZONE)))]
    pub zone: Option<i16>,
}

/// The response to a request to upload a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The new photo, or the one that has the same bytes already.
    pub photo: Photo,
    /// How to upload the bytes; none if the library already has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Upload>,
}

/// How to upload an original.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Upload {
    /// In one request.
    Whole(Put),
    /// In parts of [`PART_BYTES`], which are signed separately.
    Parts {
        /// Numbers of those that are uploaded already, from 1.
        #[serde(rename = "there")]
        stored: Vec<u32>,
    },
}

/// A part of an original, before it is uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its number, from 1.
    pub number: u32,
    /// SHA-256 of its bytes in base64.
    pub sha256: String,
}

/// The number of parts of an original.
pub fn parts_of(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(PART_BYTES)).unwrap_or(u32::MAX)
}

/// The size of a part of an original; `None` if there is no such part.
pub fn part_bytes(bytes: u64, number: u32) -> Option<u64> {
    let before = u64::from(number.checked_sub(1)?) * PART_BYTES;
    let left = bytes.checked_sub(before).filter(|left| *left > 0)?;
    Some(left.min(PART_BYTES))
}

/// The maximum size of a preview in bytes.
pub const MAX_PREVIEW_BYTES: usize = 16_000;

/// The maximum edge of a preview in pixels.
pub const MAX_PREVIEW_EDGE: u32 = 512;

/// A preview of a photo that is being uploaded, for other windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The size of the full image, upright.
    pub size: Size,
    /// A small JPEG of it in base64, upright: at most [`MAX_PREVIEW_BYTES`] and [`MAX_PREVIEW_EDGE`].
    pub jpeg: String,
}

/// A presigned request that uploads the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Put {
    /// The URL to PUT the bytes to.
    pub url: String,
    /// Signed headers, besides `host` and `content-length`.
    pub headers: Vec<(String, String)>,
    /// When the URL expires, in milliseconds since 1970.
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
