//! Decoders: from a file to pixels as stored, before orientation and colour conversion.

mod animation;
mod avif;
mod gif;
mod heic;
mod heif;
mod jpeg;
mod jpeg_header;
mod png;
mod raw;
mod still;
mod tiff;
mod yuv;

use super::ImageError;
use super::colour::ColourSpace;
use super::kind::Kind;
use super::metadata::Metadata;
use super::pixels::Picture;

/// A decoded file.
pub(super) struct Decoded {
    /// At least as large as requested, or full size.
    pub(super) picture: Picture,
    /// Full width, as stored.
    pub(super) width: u32,
    /// Full height, as stored.
    pub(super) height: u32,
    pub(super) colour_space: ColourSpace,
    /// The orientation of the container takes precedence over EXIF's.
    pub(super) metadata: Metadata,
}

/// Width and height from a JPEG's header.
pub(super) fn jpeg_size(bytes: &[u8]) -> Result<(u32, u32), ImageError> {
    let header = jpeg_header::JpegHeader::read(bytes)?;
    Ok((header.width, header.height))
}

pub(super) use animation::{animation, is_animated};

/// Decodes the file, scaled down as far as a rendition with this longer edge allows.
pub(super) fn decode(kind: Kind, bytes: &[u8], edge: u32) -> Result<Decoded, ImageError> {
    match kind {
        Kind::Jpeg => jpeg::decode(bytes, edge),
        Kind::Png => still::decode_png(bytes),
        Kind::Webp => still::decode_webp(bytes),
        Kind::Gif => still::decode_gif(bytes),
        Kind::Tiff => tiff::decode(bytes),
        Kind::Avif => avif::decode(bytes),
        Kind::Heic => heic::decode(bytes),
        Kind::Raw => raw::decode(bytes, edge),
    }
}
