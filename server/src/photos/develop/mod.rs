//! Developing: from an uploaded file to renditions that any browser shows, upright, in sRGB and without metadata.
//!
//! The path is decode → orient → colour → scale → encode, a file each. The file is decoded once, only as large as the
//! largest rendition needs, and each rendition is scaled from the one above it.

mod colour;
mod decode;
mod encode;
mod exif;
mod kind;
mod limits;
mod orient;
mod pixels;
#[cfg(test)]
mod samples;
mod scale;

use exif::Exif;
use kind::Kind;
use pixels::Pixels;
use serde::{Deserialize, Serialize};

pub use scale::WIDTHS;

/// A format that renditions are made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// WebP, lossy, with alpha where the photo has it.
    Webp,
    /// JPEG, on white where the photo has alpha.
    Jpeg,
}

impl Format {
    /// What a person or a queue calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpeg",
        }
    }

    /// How its files' names end, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpg",
        }
    }

    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// What is known of a photo before it is rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Media type, by the file's first bytes and not by its name.
    pub kind: &'static str,
    /// Upright width in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
    /// A blurred preview of some 25 bytes: <https://evanw.github.io/thumbhash/>.
    pub thumbhash: Vec<u8>,
    /// When it was taken, in milliseconds of Unix time. A camera that tells no time zone is taken to be in UTC.
    pub taken_at: Option<i64>,
    /// The nominal widths it has renditions of.
    pub widths: Vec<u32>,
}

/// One encoded size of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Nominal width: one of [`WIDTHS`]. The longer edge in fact, and less where the photo itself is smaller.
    pub width: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A picture that is small from the beginning, made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miniature {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The file, a JPEG.
    pub bytes: Vec<u8>,
    /// As [`Inspection::thumbhash`].
    pub thumbhash: Vec<u8>,
}

/// Why a file is not developed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The bytes are of no format that is developed.
    #[error("the file is not a photo of a known format")]
    NotAPhoto,
    /// The file breaks off or contradicts itself.
    #[error("the photo is damaged or incomplete")]
    Damaged,
    /// More pixels than are developed.
    #[error("{width} × {height} pixels are too many")]
    TooManyPixels {
        /// As the file's header claims.
        width: u32,
        /// As the file's header claims.
        height: u32,
    },
    /// Nothing is wrong with the photo, but scaling or encoding it failed.
    #[error("the photo could not be rendered")]
    NotEncoded,
}

/// Longer edge that a ThumbHash is made from.
const THUMBHASH_EDGE: u32 = 100;

/// Reads the whole file, at a fraction of its size, and tells what it is. Finds any damage that [`render`] would meet.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, Unfit> {
    let kind = Kind::of(bytes)?;
    let print = Print::make(kind, bytes, THUMBHASH_EDGE)?;
    Ok(Inspection {
        kind: kind.content_type(),
        width: print.width,
        height: print.height,
        taken_at: print.exif.taken_at,
        widths: scale::nominal_widths(print.width.max(print.height)).to_vec(),
        thumbhash: print.thumbhash()?,
    })
}

/// Renders every width of one format, the smallest first.
pub fn render(bytes: &[u8], format: Format) -> Result<Vec<Rendition>, Unfit> {
    let kind = Kind::of(bytes)?;
    let [.., largest] = WIDTHS;
    let print = Print::make(kind, bytes, largest)?;
    let (width, height) = (print.width, print.height);
    let mut pixels = print.pixels;
    let mut renditions = Vec::new();
    for &nominal in scale::nominal_widths(width.max(height)).iter().rev() {
        pixels = scale::to(pixels, scale::fit(width, height, nominal))?;
        renditions.push(Rendition {
            width: nominal,
            bytes: encode::encode(&pixels, format)?,
        });
    }
    renditions.reverse();
    Ok(renditions)
}

/// Makes a small JPEG anew, no larger than the smallest rendition. One with a longer edge than `most` is not decoded.
pub fn miniature(bytes: &[u8], most: u32) -> Result<Miniature, Unfit> {
    let kind = Kind::of(bytes)?;
    if kind != Kind::Jpeg {
        return Err(Unfit::NotAPhoto);
    }
    let (width, height) = decode::jpeg_size(bytes)?;
    if width.max(height) > most {
        return Err(Unfit::TooManyPixels { width, height });
    }
    let [smallest, ..] = WIDTHS;
    let mut print = Print::make(kind, bytes, smallest)?;
    print.pixels = scale::to(print.pixels, scale::fit(print.width, print.height, smallest))?;
    Ok(Miniature {
        width: print.pixels.width,
        height: print.pixels.height,
        bytes: encode::encode(&print.pixels, Format::Jpeg)?,
        thumbhash: print.thumbhash()?,
    })
}

/// A photo as it should be seen, at least as large as was asked for or as it is.
struct Print {
    /// Upright and in sRGB.
    pixels: Pixels,
    /// Full width, upright.
    width: u32,
    /// Full height, upright.
    height: u32,
    exif: Exif,
}

impl Print {
    fn make(kind: Kind, bytes: &[u8], edge: u32) -> Result<Self, Unfit> {
        let decoded = decode::decode(kind, bytes, edge)?;
        let exif = Exif::read(decoded.exif);
        let upright = orient::upright(decoded.pixels, exif.orientation);
        let pixels = colour::to_srgb(upright, decoded.icc.as_deref());
        let (width, height) = exif.orientation.size(decoded.width, decoded.height);
        Ok(Self {
            pixels,
            width,
            height,
            exif,
        })
    }

    fn thumbhash(self) -> Result<Vec<u8>, Unfit> {
        let small = scale::to(self.pixels, scale::fit(self.width, self.height, THUMBHASH_EDGE))?;
        Ok(thumbhash::rgba_to_thumb_hash(
            small.width as usize,
            small.height as usize,
            &small.into_rgba(),
        ))
    }
}

#[cfg(test)]
mod tests;
