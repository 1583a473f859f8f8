//! Encoders. They get pixels alone, so renditions contain no metadata (such as GPS positions).

mod animation;
mod avif;
mod jpeg;
mod webp;

use super::pixels::Picture;
use super::{Format, ImageError};

pub(super) use animation::AnimationEncoder;

/// Encodes a picture in sRGB.
pub(super) fn encode(picture: &Picture, format: Format) -> Result<Vec<u8>, ImageError> {
    match format {
        Format::Webp => webp::encode(picture),
        Format::Jpeg => jpeg::encode(picture),
        Format::Avif => avif::encode(picture),
    }
}
