//! Types of the public API under `/api/v1`. Their schemas, with these comments, are part of its OpenAPI document.

use crate::ids::PhotoId;
use crate::photos::{DateSource, Photo, Put, Receipt, Size, State, Step};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// A photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhotoEntry {
    /// Its identifier.
    pub id: PhotoId,
    /// Name of the uploaded file.
    pub name: String,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// SHA-256 of the original in base64, as the client computed it.
    pub sha256: String,
    /// Checksums of the stored original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// Its current state.
    pub state: State,
    /// All of its states, oldest first.
    pub history: Vec<Step>,
    /// Dimensions, once it was inspected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// When it was taken, in milliseconds since 1970, as far as known.
    pub taken_at: Time,
    /// The source of `taken_at`.
    pub date_source: DateSource,
    /// When it was moved to the trash, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_at: Option<Time>,
}

impl From<Photo> for PhotoEntry {
    fn from(photo: Photo) -> Self {
        Self {
            id: photo.id,
            name: photo.name,
            bytes: photo.bytes,
            sha256: photo.sha256,
            receipt: photo.receipt,
            state: photo.state,
            history: photo.history,
            size: photo.size,
            taken_at: photo.taken_at,
            date_source: photo.date_source,
            trashed_at: photo.trashed_at,
        }
    }
}

/// A page of the library, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhotoPage {
    /// The photos.
    pub photos: Vec<PhotoEntry>,
    /// The cursor of the next page, for `before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<String>,
}

/// Permission to upload a photo: PUT its bytes to `upload.url` with all of `upload.headers`, then report its arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadGrant {
    /// The new photo, or the one that has the same bytes already.
    pub photo: PhotoEntry,
    /// How to upload the bytes; none if the library already has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Put>,
}

/// An error response (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// Identifies the kind of error: `urn:shoebox:` and its name.
    #[serde(rename = "type")]
    pub kind: String,
    /// The message of the error.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
}
