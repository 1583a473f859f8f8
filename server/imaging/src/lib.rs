//! Image processing: decodes an uploaded file and encodes renditions that every browser shows: upright, in sRGB and without
//! metadata.
//!
//! Pipeline: decode → scale → orient → convert to sRGB → encode, a module each. The file is decoded once, no larger than the
//! largest rendition needs; each smaller rendition is scaled from the next larger one.

mod boxes;
mod colour;
mod decode;
mod encode;
mod kind;
mod limits;
mod metadata;
#[cfg(test)]
mod mutations;
mod orient;
mod pixels;
mod planes;
#[cfg(test)]
mod samples;
mod sandbox;
mod scale;
mod tiff;

use colour::ColourSpace;
use kind::Kind;
use metadata::Metadata;
use model::photos::Shot;
use orient::Orientation;
use pixels::Picture;
use serde::{Deserialize, Serialize};

pub use sandbox::{PATIENCE, Sandbox, serve};
pub use scale::WIDTHS;

/// The format of a rendition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Lossy WebP, with alpha if the photo has any.
    Webp,
    /// JPEG; alpha is flattened onto white.
    Jpeg,
    /// AVIF, with alpha if the photo has any.
    Avif,
}

impl Format {
    /// Its name in messages and rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpeg",
            Self::Avif => "avif",
        }
    }

    /// File name extension, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpg",
            Self::Avif => "avif",
        }
    }

    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
            Self::Avif => "image/avif",
        }
    }
}

/// All formats.
pub const FORMATS: [Format; 3] = [Format::Webp, Format::Jpeg, Format::Avif];

/// Metadata of a photo and its ThumbHash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Media type, detected by magic number.
    pub kind: String,
    /// Upright width in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
    /// Blurred placeholder of some 25 bytes: <https://evanw.github.io/thumbhash/>.
    pub thumbhash: Vec<u8>,
    /// Capture time in milliseconds of Unix time. Without a time zone it is read as UTC.
    pub taken_at: Option<i64>,
    /// Camera, exposure and position.
    pub shot: Option<Shot>,
    /// Nominal widths of its renditions.
    pub widths: Vec<u32>,
    /// Whether it has an animated rendition, too.
    pub animated: bool,
}

/// One encoded size of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Encoding.
    pub format: Format,
    /// Nominal width: one of [`WIDTHS`]. In fact the longer edge, and less if the photo itself is smaller.
    pub width: u32,
    /// The encoded file.
    pub bytes: Vec<u8>,
}

/// A client-made preview, re-encoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miniature {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The encoded file, a JPEG.
    pub bytes: Vec<u8>,
    /// See [`Inspection::thumbhash`].
    pub thumbhash: Vec<u8>,
}

/// Why a file cannot be processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ImageError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The file format is unknown.
    #[error("the file is not a photo of a known format")]
    NotAPhoto,
    /// The file is valid but uses a coding that no decoder here supports.
    #[error("this kind of picture is not supported")]
    Unsupported,
    /// The file is truncated or inconsistent.
    #[error("the photo is damaged or incomplete")]
    Damaged,
    /// A raw file without an embedded preview.
    #[error("the raw file has no preview")]
    NoPreview,
    /// The image exceeds the limits.
    #[error("{width} × {height} pixels are too many")]
    TooManyPixels {
        /// According to the file's header.
        width: u32,
        /// According to the file's header.
        height: u32,
    },
    /// Timeout.
    #[error("the photo takes too long to develop")]
    TooSlow,
    /// The photo is valid, but scaling or encoding it failed.
    #[error("the photo could not be rendered")]
    NotEncoded,
}

/// Longer edge of the input to ThumbHash, which keeps seven frequencies a side.
const THUMBHASH_EDGE: u32 = 64;

/// Decodes the whole file at reduced size and reads its metadata. Finds any damage that [`develop`] would find.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, ImageError> {
    let kind = Kind::detect(bytes)?;
    let master = Master::decode(kind, bytes, THUMBHASH_EDGE)?;
    Ok(Inspection {
        animated: decode::is_animated(kind, bytes)?,
        ..master.inspection(kind, &WIDTHS)?
    })
}

/// The result of [`develop`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Developed {
    /// Metadata.
    pub inspection: Inspection,
    /// Every width in every format, largest first.
    pub renditions: Vec<Rendition>,
    /// An animated WebP, if the photo is animated and WebP was requested.
    pub animation: Option<Vec<u8>>,
}

/// Decodes the file once and encodes renditions of these nominal widths (in ascending order) in these formats. Frees the
/// file's bytes as soon as they are decoded.
pub fn develop(bytes: Vec<u8>, formats: &[Format], widths: &[u32]) -> Result<Developed, ImageError> {
    let kind = Kind::detect(&bytes)?;
    let largest = widths.last().copied().unwrap_or(THUMBHASH_EDGE);
    let mut master = Master::decode(kind, &bytes, largest)?;
    let animation = if formats.contains(&Format::Webp) {
        animate(kind, &bytes, &master)?
    } else {
        None
    };
    drop(bytes);
    let mut renditions = Vec::new();
    for nominal in scale::nominal_widths(widths, master.width.max(master.height))
        .into_iter()
        .rev()
    {
        master = master.scaled(nominal)?;
        for &format in formats {
            renditions.push(Rendition {
                format,
                width: nominal,
                bytes: encode::encode(&master.picture, format)?,
            });
        }
    }
    Ok(Developed {
        inspection: Inspection {
            animated: animation.is_some(),
            ..master.inspection(kind, widths)?
        },
        renditions,
        animation,
    })
}

/// Longer edge of an animation.
const ANIMATION_EDGE: u32 = 960;

/// Re-encodes an animation, upright and in sRGB like the still. `None` if the photo is not animated or the animation exceeds the
/// limits: then only its first frame is shown.
fn animate(kind: Kind, bytes: &[u8], still: &Master) -> Result<Option<Vec<u8>>, ImageError> {
    let Some(frames) = decode::animation(kind, bytes) else {
        return Ok(None);
    };
    let orientation = still.metadata.orientation;
    let stored = scale::fit(frames.width, frames.height, ANIMATION_EDGE);
    let (width, height) = orientation.size(stored.0, stored.1);
    let mut encoder = encode::AnimationEncoder::new(width, height)?;
    for frame in frames {
        match frame {
            Ok((pixels, duration)) => {
                let pixels = scale::resize_pixels(pixels, stored)?;
                encoder.add(
                    &normalise(pixels.into(), orientation, &still.colour_space).into_pixels(),
                    duration,
                )?;
            }
            Err(ImageError::TooManyPixels { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    encoder.finish()
}

/// Upright and in sRGB.
fn normalise(stored: Picture, orientation: Orientation, colour_space: &ColourSpace) -> Picture {
    colour::to_srgb(orient::upright(stored, orientation), colour_space)
}

/// Re-encodes a small JPEG, no larger than the smallest rendition. Rejects one with a longer edge than `max_edge` without
/// decoding it.
pub fn miniature(bytes: &[u8], max_edge: u32) -> Result<Miniature, ImageError> {
    let kind = Kind::detect(bytes)?;
    if kind != Kind::Jpeg {
        return Err(ImageError::NotAPhoto);
    }
    let (width, height) = decode::jpeg_size(bytes)?;
    if width.max(height) > max_edge {
        return Err(ImageError::TooManyPixels { width, height });
    }
    let [smallest, ..] = WIDTHS;
    let master = Master::decode(kind, bytes, smallest)?.scaled(smallest)?;
    let (width, height) = master.picture.size();
    Ok(Miniature {
        width,
        height,
        bytes: encode::encode(&master.picture, Format::Jpeg)?,
        thumbhash: master.thumbhash()?,
    })
}

/// The decoded photo that renditions are scaled from.
struct Master {
    /// Upright and in sRGB.
    picture: Picture,
    /// Full width of the photo, upright.
    width: u32,
    /// Full height of the photo, upright.
    height: u32,
    /// Of the file.
    colour_space: ColourSpace,
    metadata: Metadata,
}

impl Master {
    /// `edge`: the longer edge that is needed.
    fn decode(kind: Kind, bytes: &[u8], edge: u32) -> Result<Self, ImageError> {
        let decoded = decode::decode(kind, bytes, edge)?;
        let stored = scale::resize(decoded.picture, scale::fit(decoded.width, decoded.height, edge))?;
        let orientation = decoded.metadata.orientation;
        let (width, height) = orientation.size(decoded.width, decoded.height);
        Ok(Self {
            picture: normalise(stored, orientation, &decoded.colour_space),
            width,
            height,
            colour_space: decoded.colour_space,
            metadata: decoded.metadata,
        })
    }

    /// Scaled down to a longer edge of no more than this.
    fn scaled(self, edge: u32) -> Result<Self, ImageError> {
        let picture = scale::resize(self.picture, scale::fit(self.width, self.height, edge))?;
        Ok(Self { picture, ..self })
    }

    fn inspection(self, kind: Kind, widths: &[u32]) -> Result<Inspection, ImageError> {
        Ok(Inspection {
            kind: kind.content_type().to_owned(),
            width: self.width,
            height: self.height,
            taken_at: self.metadata.taken_at,
            shot: self.metadata.shot.clone(),
            animated: false,
            widths: scale::nominal_widths(widths, self.width.max(self.height)),
            thumbhash: self.thumbhash()?,
        })
    }

    fn thumbhash(self) -> Result<Vec<u8>, ImageError> {
        let small = self.scaled(THUMBHASH_EDGE)?.picture;
        let (width, height) = small.size();
        Ok(thumbhash::rgba_to_thumb_hash(
            width as usize,
            height as usize,
            &small.into_rgba(),
        ))
    }
}

#[cfg(test)]
mod tests;
