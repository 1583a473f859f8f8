//! From a file to pixels as they are stored: not yet upright, not yet in sRGB.

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

use super::Unfit;
use super::colour::Colours;
use super::kind::Kind;
use super::metadata::Metadata;
use super::pixels::Picture;

/// A decoded file, with what it says about its pixels.
pub(super) struct Decoded {
    /// At least as large as was asked for, or as the photo is.
    pub(super) picture: Picture,
    /// Full width, as stored.
    pub(super) width: u32,
    /// Full height, as stored.
    pub(super) height: u32,
    /// What its numbers mean.
    pub(super) colours: Colours,
    /// What stands beside the pixels. The orientation is the format's own where it has one, which goes before EXIF's.
    pub(super) metadata: Metadata,
}

/// What a JPEG's header says of its width and height.
pub(super) fn jpeg_size(bytes: &[u8]) -> Result<(u32, u32), Unfit> {
    let header = jpeg_header::JpegHeader::read(bytes)?;
    Ok((header.width, header.height))
}

pub(super) use animation::{animation, is_animated};

/// Decodes the whole file, no larger than serves a rendition with a longer edge of `edge`.
pub(super) fn decode(kind: Kind, bytes: &[u8], edge: u32) -> Result<Decoded, Unfit> {
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
