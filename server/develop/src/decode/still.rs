//! PNG, WebP, GIF and TIFF, whose decoders hold the whole picture. Of an animation, the first frame.

use super::Decoded;
use crate::pixels::{Channels, Pixels};
use crate::{Unfit, limits};
use image::codecs::{gif::GifDecoder, png::PngDecoder, tiff::TiffDecoder, webp::WebPDecoder};
use image::{DynamicImage, ImageDecoder, ImageResult, Limits};
use std::io::Cursor;

pub(super) fn decode_png(bytes: &[u8]) -> Result<Decoded, Unfit> {
    decode(PngDecoder::with_limits(Cursor::new(bytes), limits()), bytes.len())
}

pub(super) fn decode_gif(bytes: &[u8]) -> Result<Decoded, Unfit> {
    decode(GifDecoder::new(Cursor::new(bytes)), bytes.len())
}

pub(super) fn decode_webp(bytes: &[u8]) -> Result<Decoded, Unfit> {
    // The decoder is content with a file that ends before the length it begins with.
    match bytes {
        [_, _, _, _, a, b, c, d, rest @ ..] if u32::from_le_bytes([*a, *b, *c, *d]) as usize <= rest.len() => {
            decode(WebPDecoder::new(Cursor::new(bytes)), bytes.len())
        }
        _ => Err(Unfit::Damaged),
    }
}

/// How much of a file has the tags of its pictures, as a rule.
const TAGS: usize = 1 << 20;

/// A TIFF's own tags are those of EXIF.
pub(super) fn decode_tiff(bytes: &[u8]) -> Result<Decoded, Unfit> {
    let decoded = decode(TiffDecoder::new(Cursor::new(bytes)), bytes.len())?;
    Ok(Decoded {
        exif: Some(bytes[..bytes.len().min(TAGS)].to_vec()),
        ..decoded
    })
}

fn decode(decoder: ImageResult<impl ImageDecoder>, file: usize) -> Result<Decoded, Unfit> {
    let mut decoder = decoder.map_err(|_| Unfit::Damaged)?;
    let (width, height) = decoder.dimensions();
    limits::check(width, height, decoder.total_bytes())?;
    limits::check_density(width, height, decoder.total_bytes(), file)?;
    decoder
        .set_limits(limits())
        .map_err(|_| Unfit::TooManyPixels { width, height })?;
    let icc = decoder.icc_profile().unwrap_or_default();
    let exif = decoder.exif_metadata().unwrap_or_default();
    let image = DynamicImage::from_decoder(decoder).map_err(|_| Unfit::Damaged)?;
    Ok(Decoded {
        picture: pixels(image).into(),
        width,
        height,
        icc,
        exif,
        orientation: None,
    })
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(limits::BUFFER);
    limits
}

/// Eight bits a channel; alpha only where something shows through.
fn pixels(image: DynamicImage) -> Pixels {
    let (width, height) = (image.width(), image.height());
    if !image.color().has_alpha() {
        return Pixels {
            width,
            height,
            channels: Channels::Rgb,
            bytes: image.into_rgb8().into_raw(),
        };
    }
    let rgba = image.into_rgba8();
    if rgba.as_raw().iter().skip(3).step_by(4).any(|&alpha| alpha < 255) {
        return Pixels {
            width,
            height,
            channels: Channels::Rgba,
            bytes: rgba.into_raw(),
        };
    }
    Pixels {
        width,
        height,
        channels: Channels::Rgb,
        bytes: DynamicImage::from(rgba).into_rgb8().into_raw(),
    }
}
