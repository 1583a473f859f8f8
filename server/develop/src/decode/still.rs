//! PNG, WebP and GIF, whose decoders hold the whole picture. Of an animation, the first frame.

use super::png::Chunks;
use super::{Decoded, gif};
use crate::colour::{Colours, deep_to_srgb};
use crate::metadata::Blocks;
use crate::orient::Orientation;
use crate::pixels::{Channels, Pixels};
use crate::{Unfit, limits};
use image::codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::{DynamicImage, ImageDecoder, ImageError, ImageResult, Limits};
use moxcms::DataColorSpace;
use std::borrow::Cow;
use std::io::Cursor;

pub(super) fn decode_png(bytes: &[u8]) -> Result<Decoded, Unfit> {
    let chunks = Chunks::read(bytes);
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits());
    let decoded = decode_in(decoder, bytes.len(), |icc| chunks.colours(icc))?;
    let mut metadata = chunks.blocks().read();
    if !chunks.is_turned {
        metadata.orientation = Orientation::default();
    }
    Ok(Decoded { metadata, ..decoded })
}

pub(super) fn decode_gif(bytes: &[u8]) -> Result<Decoded, Unfit> {
    let whole = gif::ended(bytes);
    decode(GifDecoder::new(Cursor::new(&whole[..])), bytes.len())
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

/// What a decoder says of a file whose ways of coding it knows, and of others.
fn refusal(error: &ImageError) -> Unfit {
    match error {
        ImageError::Unsupported(_) => Unfit::Unsupported,
        _ => Unfit::Damaged,
    }
}

pub(super) fn decode(decoder: ImageResult<impl ImageDecoder>, file: usize) -> Result<Decoded, Unfit> {
    decode_in(decoder, file, |icc| icc.as_deref().map(Colours::of_icc).unwrap_or_default())
}

/// Decodes a picture whose colours are those that are made of its profile.
fn decode_in(
    decoder: ImageResult<impl ImageDecoder>,
    file: usize,
    colours: impl FnOnce(Option<Vec<u8>>) -> Colours,
) -> Result<Decoded, Unfit> {
    let mut decoder = decoder.map_err(|error| refusal(&error))?;
    let (width, height) = decoder.dimensions();
    // What the decoder makes, and what is made of it.
    let held = decoder.total_bytes() + u64::from(width) * u64::from(height) * 3;
    limits::check(width, height, held)?;
    limits::check_density(width, height, decoder.total_bytes(), file)?;
    decoder
        .set_limits(limits())
        .map_err(|_| Unfit::TooManyPixels { width, height })?;
    let colours = colours(decoder.icc_profile().unwrap_or_default());
    let blocks = Blocks {
        exif: decoder.exif_metadata().unwrap_or_default().map(Cow::Owned),
        xmp: decoder.xmp_metadata().unwrap_or_default().map(Cow::Owned),
        iptc: decoder.iptc_metadata().unwrap_or_default().map(Cow::Owned),
        created: None,
    };
    let image = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    let (pixels, colours) = pixels(image, colours);
    Ok(Decoded {
        picture: pixels.into(),
        width,
        height,
        colours,
        metadata: blocks.read(),
    })
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(limits::BUFFER);
    limits
}

/// Eight bits a channel; alpha only where something shows through. What has more bits is brought to sRGB before they are cut.
fn pixels(image: DynamicImage, colours: Colours) -> (Pixels, Colours) {
    let (width, height) = (image.width(), image.height());
    let has_alpha = image.color().has_alpha();
    let is_deep = image.color().bytes_per_pixel() > image.color().channel_count();
    let is_grey = matches!(&colours, Colours::Profile(profile) if profile.color_space == DataColorSpace::Gray);
    let (channels, bytes, colours) = match (is_deep && !is_grey, has_alpha) {
        (true, true) => {
            let samples = image.into_rgba16().into_raw();
            let pixels = deep_to_srgb((width, height), Channels::Rgba, &samples, &colours);
            (Channels::Rgba, pixels.bytes, Colours::Srgb)
        }
        (true, false) => {
            let samples = image.into_rgb16().into_raw();
            let pixels = deep_to_srgb((width, height), Channels::Rgb, &samples, &colours);
            (Channels::Rgb, pixels.bytes, Colours::Srgb)
        }
        (false, true) => (Channels::Rgba, image.into_rgba8().into_raw(), colours),
        (false, false) => (Channels::Rgb, image.into_rgb8().into_raw(), colours),
    };
    let pixels = Pixels {
        width,
        height,
        channels,
        bytes,
    };
    (pixels.without_full_alpha(), colours)
}
