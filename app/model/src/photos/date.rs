//! Dates of photos, and their sources.

use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The largest offset from UTC in minutes: Kiritimati's.
pub const FURTHEST_ZONE: i16 = 14 * 60;

/// The maximum of JavaScript's `Date`, in milliseconds since 1970. The minimum is its negative.
pub const LATEST_MS: i64 = 8_640_000_000_000_000;

/// Where a photo's date is from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DateSource {
    /// Its metadata. Also the default for records from before the source was recorded.
    #[default]
    Metadata,
    /// When its file was last modified, as reported by the uploading device.
    FileModified,
    /// A date and time in the file's name.
    FileName,
    /// A date without a time in the file's name. Its time is noon, and means nothing.
    FileNameDay,
    /// The date is unknown: it is when the upload was granted.
    Uploaded,
    /// Its owner corrected it.
    Owner,
}

/// When a file was last modified, according to the uploading device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Modified {
    /// The moment, in milliseconds since 1970.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = -LATEST_MS, "maximum" = LATEST_MS)))]
    pub at: Time,
    /// Minutes that the device's clock was ahead of UTC at that moment.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = -FURTHEST_ZONE, "maximum" = FURTHEST_ZONE)))]
    pub zone: i16,
}
