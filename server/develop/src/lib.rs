//! Developing: from an uploaded file to renditions that any browser shows, upright, in sRGB and without metadata.
//!
//! The path is decode → orient → colour → scale → encode, a file each. The file is decoded once, only as large as the
//! largest rendition needs, and brought to that size before it is turned and its colours are converted; each rendition is
//! scaled from the one above it.

mod apart;
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
mod scale;
mod tiff;

use colour::Colours;
use kind::Kind;
use metadata::Metadata;
use model::photos::Shot;
use orient::Orientation;
use pixels::Picture;
use serde::{Deserialize, Serialize};

pub use apart::{Apart, PATIENCE, serve};
pub use scale::WIDTHS;

/// A format that renditions are made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// WebP, lossy, with alpha where the photo has it.
    Webp,
    /// JPEG, on white where the photo has alpha.
    Jpeg,
    /// AVIF, with alpha where the photo has it.
    Avif,
}

impl Format {
    /// What a person or a queue calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpeg",
            Self::Avif => "avif",
        }
    }

    /// How its files' names end, without the dot.
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

/// Every format that there is.
pub const FORMATS: [Format; 3] = [Format::Webp, Format::Jpeg, Format::Avif];

/// What is known of a photo before it is rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Media type, by the file's first bytes and not by its name.
    pub kind: String,
    /// Upright width in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
    /// A blurred preview of some 25 bytes: <https://evanw.github.io/thumbhash/>.
    pub thumbhash: Vec<u8>,
    /// When it was taken, in milliseconds of Unix time. A camera that tells no time zone is taken to be in UTC.
    pub taken_at: Option<i64>,
    /// What the camera wrote about the moment.
    pub shot: Option<Shot>,
    /// The nominal widths it has renditions of.
    pub widths: Vec<u32>,
    /// Whether it has a moving rendition, too.
    pub animated: bool,
}

/// One encoded size of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// What it is encoded in.
    pub format: Format,
    /// Nominal width: one of [`WIDTHS`]. The longer edge in fact, and less where the photo itself is smaller.
    pub width: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A picture that is small from the beginning, made anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Unfit {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The bytes are of no format that is developed.
    #[error("the file is not a photo of a known format")]
    NotAPhoto,
    /// Nothing is wrong with the file, but its format has ways to code a picture that no decoder here knows.
    #[error("this kind of picture is not supported")]
    Unsupported,
    /// The file breaks off or contradicts itself.
    #[error("the photo is damaged or incomplete")]
    Damaged,
    /// A raw file without a picture that its camera made of it.
    #[error("the raw file has no preview")]
    NoPreview,
    /// More pixels than are developed.
    #[error("{width} × {height} pixels are too many")]
    TooManyPixels {
        /// As the file's header claims.
        width: u32,
        /// As the file's header claims.
        height: u32,
    },
    /// Reading or rendering it takes longer than any photo does.
    #[error("the photo takes too long to develop")]
    TooSlow,
    /// Nothing is wrong with the photo, but scaling or encoding it failed.
    #[error("the photo could not be rendered")]
    NotEncoded,
}

/// Longer edge that a ThumbHash is made from: it knows seven waves a side, and its work grows with the pixels.
const THUMBHASH_EDGE: u32 = 64;

/// Reads the whole file, at a fraction of its size, and tells what it is. Finds any damage that [`develop`] would meet.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, Unfit> {
    let kind = Kind::of(bytes)?;
    let print = Print::make(kind, bytes, THUMBHASH_EDGE)?;
    Ok(Inspection {
        animated: decode::is_animated(kind, bytes)?,
        ..print.inspection(kind, &WIDTHS)?
    })
}

/// A photo, developed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Developed {
    /// What it is.
    pub inspection: Inspection,
    /// Each width in each format, the largest first.
    pub renditions: Vec<Rendition>,
    /// An animated WebP, where the photo moves and WebP was asked for.
    pub animation: Option<Vec<u8>>,
}

/// Decodes once and makes these of the nominal widths, the smallest first, in these formats. The file's bytes are
/// let go of as soon as they are decoded.
pub fn develop(bytes: Vec<u8>, formats: &[Format], widths: &[u32]) -> Result<Developed, Unfit> {
    let kind = Kind::of(&bytes)?;
    let largest = widths.last().copied().unwrap_or(THUMBHASH_EDGE);
    let mut print = Print::make(kind, &bytes, largest)?;
    let animation = if formats.contains(&Format::Webp) {
        animate(kind, &bytes, &print)?
    } else {
        None
    };
    drop(bytes);
    let mut renditions = Vec::new();
    for nominal in scale::nominal_widths(widths, print.width.max(print.height)).into_iter().rev() {
        print = print.scaled(nominal)?;
        for &format in formats {
            renditions.push(Rendition {
                format,
                width: nominal,
                bytes: encode::encode(&print.picture, format)?,
            });
        }
    }
    Ok(Developed {
        inspection: Inspection {
            animated: animation.is_some(),
            ..print.inspection(kind, widths)?
        },
        renditions,
        animation,
    })
}

/// Longer edge of an animation.
const ANIMATION_EDGE: u32 = 960;

/// The animation of a photo that moves, upright and in sRGB like the still. One that is too long is shown as the still that it begins
/// with.
fn animate(kind: Kind, bytes: &[u8], still: &Print) -> Result<Option<Vec<u8>>, Unfit> {
    let Some(frames) = decode::animation(kind, bytes) else {
        return Ok(None);
    };
    let orientation = still.metadata.orientation;
    let stored = scale::fit(frames.width, frames.height, ANIMATION_EDGE);
    let (width, height) = orientation.size(stored.0, stored.1);
    let mut encoder = encode::AnimationEncoder::new(width, height)?;
    for frame in frames {
        match frame {
            Ok((pixels, lasts)) => {
                let pixels = scale::pixels(pixels, stored)?;
                encoder.add(&seen(pixels.into(), orientation, &still.colours).into_pixels(), lasts)?;
            }
            Err(Unfit::TooManyPixels { .. }) => return Ok(None),
            Err(damaged) => return Err(damaged),
        }
    }
    encoder.finish()
}

/// As it should be seen: upright, and in sRGB.
fn seen(stored: Picture, orientation: Orientation, colours: &Colours) -> Picture {
    colour::to_srgb(orient::upright(stored, orientation), colours)
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
    let print = Print::make(kind, bytes, smallest)?.scaled(smallest)?;
    let (width, height) = print.picture.size();
    Ok(Miniature {
        width,
        height,
        bytes: encode::encode(&print.picture, Format::Jpeg)?,
        thumbhash: print.thumbhash()?,
    })
}

/// A photo as it should be seen, at least as large as was asked for or as it is.
struct Print {
    /// Upright and in sRGB.
    picture: Picture,
    /// Full width, upright.
    width: u32,
    /// Full height, upright.
    height: u32,
    /// Of the file.
    colours: Colours,
    metadata: Metadata,
}

impl Print {
    fn make(kind: Kind, bytes: &[u8], edge: u32) -> Result<Self, Unfit> {
        let decoded = decode::decode(kind, bytes, edge)?;
        let stored = scale::to(decoded.picture, scale::fit(decoded.width, decoded.height, edge))?;
        let orientation = decoded.metadata.orientation;
        let (width, height) = orientation.size(decoded.width, decoded.height);
        Ok(Self {
            picture: seen(stored, orientation, &decoded.colours),
            width,
            height,
            colours: decoded.colours,
            metadata: decoded.metadata,
        })
    }

    /// The same photo with a longer edge of no more than this.
    fn scaled(self, edge: u32) -> Result<Self, Unfit> {
        let picture = scale::to(self.picture, scale::fit(self.width, self.height, edge))?;
        Ok(Self { picture, ..self })
    }

    fn inspection(self, kind: Kind, widths: &[u32]) -> Result<Inspection, Unfit> {
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

    fn thumbhash(self) -> Result<Vec<u8>, Unfit> {
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
