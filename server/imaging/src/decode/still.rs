//! PNG, WebP and GIF, decoded at full size. Of an animation, the first frame.

use super::png::Chunks;
use super::{Decoded, gif};
use crate::colour::{ColourSpace, high_depth_to_srgb};
use crate::metadata::Blocks;
use crate::orient::Orientation;
use crate::pixels::{Channels, Pixels};
use crate::{ImageError, limits};
use image::codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::{DynamicImage, ImageDecoder, ImageResult, Limits};
use moxcms::DataColorSpace;
use std::borrow::Cow;
use std::io::Cursor;

pub(super) fn decode_png(bytes: &[u8]) -> Result<Decoded, ImageError> {
    let chunks = Chunks::read(bytes);
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits());
    let decoded = decode_with_colour_space(decoder, bytes.len(), |icc| chunks.colour_space(icc))?;
    let mut metadata = chunks.blocks().read();
    if !chunks.applies_orientation {
        metadata.orientation = Orientation::default();
    }
    Ok(Decoded { metadata, ..decoded })
}

pub(super) fn decode_gif(bytes: &[u8]) -> Result<Decoded, ImageError> {
    let file = gif::with_trailer(bytes);
    let decoder = GifDecoder::new(Cursor::new(&file[..])).map_err(|error| to_image_error(&error))?;
    let (width, height) = decoder.dimensions();
    // The decoder holds the canvas three times: what is disposed of, the frame and its output.
    let buffers = decoder.total_bytes() * 3;
    limits::check(width, height, buffers)?;
    limits::check_compression_ratio(width, height, buffers, bytes.len())?;
    decode(Ok(decoder), bytes.len())
}

pub(super) fn decode_webp(bytes: &[u8]) -> Result<Decoded, ImageError> {
    // The decoder accepts files that are shorter than their RIFF size.
    match bytes {
        [_, _, _, _, a, b, c, d, rest @ ..] if u32::from_le_bytes([*a, *b, *c, *d]) as usize <= rest.len() => {
            decode(WebPDecoder::new(Cursor::new(bytes)), bytes.len())
        }
        _ => Err(ImageError::Damaged),
    }
}

fn to_image_error(error: &image::ImageError) -> ImageError {
    match error {
        image::ImageError::Unsupported(_) => ImageError::Unsupported,
        _ => ImageError::Damaged,
    }
}

pub(super) fn decode(decoder: ImageResult<impl ImageDecoder>, file: usize) -> Result<Decoded, ImageError> {
    decode_with_colour_space(decoder, file, |icc| {
        icc.as_deref().map(ColourSpace::from_icc).unwrap_or_default()
    })
}

/// `colour_space` gets the ICC profile.
fn decode_with_colour_space(
    decoder: ImageResult<impl ImageDecoder>,
    file: usize,
    colour_space: impl FnOnce(Option<Vec<u8>>) -> ColourSpace,
) -> Result<Decoded, ImageError> {
    let mut decoder = decoder.map_err(|error| to_image_error(&error))?;
    let (width, height) = decoder.dimensions();
    // The decoder's output and its 8-bit conversion.
    let buffer = decoder.total_bytes() + u64::from(width) * u64::from(height) * 3;
    limits::check(width, height, buffer)?;
    limits::check_compression_ratio(width, height, decoder.total_bytes(), file)?;
    decoder
        .set_limits(limits())
        .map_err(|_| ImageError::TooManyPixels { width, height })?;
    let colour_space = colour_space(decoder.icc_profile().unwrap_or_default());
    let blocks = Blocks {
        exif: decoder.exif_metadata().unwrap_or_default().map(Cow::Owned),
        xmp: decoder.xmp_metadata().unwrap_or_default().map(Cow::Owned),
        iptc: decoder.iptc_metadata().unwrap_or_default().map(Cow::Owned),
        created: None,
    };
    let image = DynamicImage::from_decoder(decoder).map_err(|error| to_image_error(&error))?;
    let (pixels, colour_space) = pixels(image, colour_space);
    Ok(Decoded {
        picture: pixels.into(),
        width,
        height,
        colour_space,
        metadata: blocks.read(),
    })
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(limits::MAX_BUFFER);
    limits
}

/// To 8-bit samples, without an opaque alpha channel. Higher bit depths are converted to sRGB first.
fn pixels(image: DynamicImage, colour_space: ColourSpace) -> (Pixels, ColourSpace) {
    let (width, height) = (image.width(), image.height());
    let has_alpha = image.color().has_alpha();
    let is_high_depth = image.color().bytes_per_pixel() > image.color().channel_count();
    let is_grey = matches!(&colour_space, ColourSpace::Profile(profile) if profile.color_space == DataColorSpace::Gray);
    let (channels, bytes, colour_space) = match (is_high_depth && !is_grey, has_alpha) {
        (true, true) => {
            let samples = image.into_rgba16().into_raw();
            let pixels = high_depth_to_srgb((width, height), Channels::Rgba, &samples, &colour_space);
            (Channels::Rgba, pixels.bytes, ColourSpace::Srgb)
        }
        (true, false) => {
            let samples = image.into_rgb16().into_raw();
            let pixels = high_depth_to_srgb((width, height), Channels::Rgb, &samples, &colour_space);
            (Channels::Rgb, pixels.bytes, ColourSpace::Srgb)
        }
        (false, true) => (Channels::Rgba, image.into_rgba8().into_raw(), colour_space),
        (false, false) => (Channels::Rgb, image.into_rgb8().into_raw(), colour_space),
    };
    let pixels = Pixels {
        width,
        height,
        channels,
        bytes,
    };
    (pixels.without_opaque_alpha(), colour_space)
}
