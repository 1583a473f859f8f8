//! From pixels to a file. Nothing but pixels goes in, so no metadata comes out.

mod avif;
mod jpeg;
mod webp;

use super::pixels::Picture;
use super::{Format, Unfit};

/// Of 100, in WebP and JPEG: where differences stop being seen at normal size.
const QUALITY: u8 = 80;

/// Encodes a picture that is in sRGB.
pub(super) fn encode(picture: &Picture, format: Format) -> Result<Vec<u8>, Unfit> {
    match format {
        Format::Webp => webp::encode(picture),
        Format::Jpeg => jpeg::encode(picture),
        Format::Avif => avif::encode(picture),
    }
}
