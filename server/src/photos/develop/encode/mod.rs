//! From pixels to a file. Nothing but pixels goes in, so no metadata comes out.

mod jpeg;
mod webp;

use super::pixels::Pixels;
use super::{Format, Unfit};

/// Of 100, in either format: where differences stop being seen at normal size.
const QUALITY: u8 = 80;

/// Encodes pixels that are in sRGB.
pub(super) fn encode(pixels: &Pixels, format: Format) -> Result<Vec<u8>, Unfit> {
    match format {
        Format::Webp => webp::encode(pixels),
        Format::Jpeg => jpeg::encode(pixels),
    }
}
