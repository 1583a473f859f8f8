//! TIFF: decodes the first full-resolution page.

use super::{Decoded, jpeg, still};
use crate::colour::ColourSpace;
use crate::metadata::Blocks;
use crate::pixels::{Channels, Picture, Pixels};
use crate::tiff::{Directory, Tiff, tag};
use crate::{ImageError, limits};
use image::codecs::tiff::TiffDecoder;
use std::borrow::Cow;
use std::io::Cursor;
use tiff::decoder::{Decoder, DecodingResult};

/// Tag values: TIFF 6.0 and Technical Note 2.
const JPEG: u32 = 7;
const BLACK_IS_ZERO: u8 = 1;
const PALETTE: u32 = 3;
const YCBCR: u32 = 6;

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, ImageError> {
    let page = page(bytes).ok_or(ImageError::Damaged)?;
    let metadata = Blocks::from_tiff(bytes, &page).read();
    let file = with_first_page(bytes, &page);
    let decoded = match (page.integer(tag::COMPRESSION), page.integer(tag::PHOTOMETRIC)) {
        (Some(JPEG), Some(YCBCR)) => decoded(decode_jpeg(&page, bytes)?),
        (_, Some(PALETTE)) => decoded(decode_palette(&page, &file)?),
        _ => still::decode(TiffDecoder::new(Cursor::new(&file[..])), bytes.len())?,
    };
    Ok(Decoded { metadata, ..decoded })
}

fn decoded(pixels: Pixels) -> Decoded {
    Decoded {
        width: pixels.width,
        height: pixels.height,
        picture: pixels.into(),
        colour_space: ColourSpace::Srgb,
        metadata: Default::default(),
    }
}

/// The first page that is not a reduced-resolution version of another.
fn page(bytes: &[u8]) -> Option<Directory<'_>> {
    let tiff = Tiff::new(bytes)?;
    let first = tiff.first()?;
    if !first.is_reduced() {
        return Some(first);
    }
    let full = tiff
        .directories()
        .into_iter()
        .find(|page| !page.is_reduced() && page.integer(tag::WIDTH).is_some());
    // If it refers to other pages, the full picture is missing.
    full.or_else(|| first.is_only_page().then_some(first))
}

/// The file with this page as its first, since the decoder reads no other.
fn with_first_page<'a>(bytes: &'a [u8], page: &Directory) -> Cow<'a, [u8]> {
    let Some(tiff) = Tiff::new(bytes) else { return bytes.into() };
    if tiff.first().is_some_and(|first| first.offset == page.offset) {
        return bytes.into();
    }
    let mut file = bytes.to_vec();
    file[tiff.first_pointer()].copy_from_slice(&tiff.pointer_bytes(page.offset));
    file.into()
}

/// The page's size, checked against the limits.
fn size(page: &Directory, bytes_per_pixel: u64, file: usize) -> Result<(u32, u32), ImageError> {
    let side = |tag| page.integer(tag).ok_or(ImageError::Damaged);
    let (width, height) = (side(tag::WIDTH)?, side(tag::HEIGHT)?);
    let buffer = u64::from(width) * u64::from(height) * bytes_per_pixel;
    limits::check(width, height, buffer)?;
    limits::check_compression_ratio(width, height, buffer, file)?;
    Ok((width, height))
}

/// Decodes a palette image. The decoder returns the palette indices.
fn decode_palette(page: &Directory, file: &[u8]) -> Result<Pixels, ImageError> {
    let (width, height) = size(page, 4, file.len())?;
    let bits = page.integer(tag::BITS_PER_SAMPLE).ok_or(ImageError::Damaged)?;
    let palette: Vec<u8> = page.integers(tag::COLOUR_MAP).map(|colour| (colour >> 8) as u8).collect();
    if !matches!(bits, 1 | 2 | 4 | 8) {
        return Err(ImageError::Unsupported);
    }
    let (red, rest) = palette.split_at_checked(1 << bits).ok_or(ImageError::Damaged)?;
    let (green, blue) = rest.split_at_checked(1 << bits).ok_or(ImageError::Damaged)?;
    let blue = blue.get(..1 << bits).ok_or(ImageError::Damaged)?;
    // The decoder supports no palettes: present the indices as greyscale.
    let mut as_grey = file.to_vec();
    let photometric = page.value_range(tag::PHOTOMETRIC).ok_or(ImageError::Damaged)?;
    for byte in as_grey[photometric].iter_mut().filter(|byte| **byte == PALETTE as u8) {
        *byte = BLACK_IS_ZERO;
    }
    let decoder = Decoder::new(Cursor::new(&as_grey)).map_err(to_image_error)?;
    let mut decoder_limits = tiff::decoder::Limits::default();
    decoder_limits.decoding_buffer_size = limits::MAX_BUFFER as usize;
    let DecodingResult::U8(indices) = decoder.with_limits(decoder_limits).read_image().map_err(to_image_error)? else {
        return Err(ImageError::Unsupported);
    };
    let per_byte = 8 / bits as usize;
    let pitch = (width as usize).div_ceil(per_byte);
    let index = |row: &[u8], x: usize| {
        let shift = 8 - bits as usize * (x % per_byte + 1);
        usize::from(row[x / per_byte] >> shift) & ((1 << bits) - 1)
    };
    let mut bytes = Vec::with_capacity(width as usize * height as usize * 3);
    for row in indices.chunks_exact(pitch).take(height as usize) {
        bytes.extend(
            (0..width as usize)
                .map(|x| index(row, x))
                .flat_map(|index| [red[index], green[index], blue[index]]),
        );
    }
    let pixels = Pixels {
        width,
        height,
        channels: Channels::Rgb,
        bytes,
    };
    if pixels.bytes.len() == pixels.pitch() * height as usize {
        Ok(pixels)
    } else {
        Err(ImageError::Damaged)
    }
}

fn to_image_error(error: tiff::TiffError) -> ImageError {
    match error {
        tiff::TiffError::UnsupportedError(_) => ImageError::Unsupported,
        tiff::TiffError::LimitsExceeded => ImageError::TooManyPixels { width: 0, height: 0 },
        _ => ImageError::Damaged,
    }
}

/// Decodes strips or tiles, each a JPEG without the shared tables: TIFF Technical Note 2.
fn decode_jpeg(page: &Directory, file: &[u8]) -> Result<Pixels, ImageError> {
    if page.integer(tag::PLANAR).is_some_and(|planar| planar != 1) {
        return Err(ImageError::Unsupported);
    }
    let (width, height) = size(page, 3, file.len())?;
    let tables = page
        .bytes(tag::JPEG_TABLES)
        .and_then(|tables| tables.strip_suffix(&[0xff, 0xd9]))
        .unwrap_or(&[0xff, 0xd8]);
    let (part_width, part_height) = match (page.integer(tag::TILE_WIDTH), page.integer(tag::TILE_HEIGHT)) {
        (Some(width), Some(height)) => (width, height),
        _ => (width, page.integer(tag::ROWS_PER_STRIP).unwrap_or(height).min(height)),
    };
    if part_width == 0 || part_height == 0 {
        return Err(ImageError::Damaged);
    }
    let columns = width.div_ceil(part_width) as usize;
    let parts = page.parts();
    if parts.len() < columns * height.div_ceil(part_height) as usize {
        return Err(ImageError::Damaged);
    }
    let mut picture = Pixels {
        width,
        height,
        channels: Channels::Rgb,
        bytes: vec![0; width as usize * height as usize * 3],
    };
    for (number, range) in parts.into_iter().enumerate() {
        let (left, top) = (
            (number % columns) as u32 * part_width,
            (number / columns) as u32 * part_height,
        );
        if top >= height {
            break;
        }
        let part = file
            .get(range)
            .and_then(|part| part.strip_prefix(&[0xff, 0xd8]))
            .ok_or(ImageError::Damaged)?;
        let decoded = jpeg::decode(&[tables, part].concat(), part_width.max(part_height))?;
        let part = Picture::into_pixels(decoded.picture);
        if part.channels != Channels::Rgb
            || part.width < part_width.min(width - left)
            || part.height < part_height.min(height - top)
        {
            return Err(ImageError::Damaged);
        }
        picture.paste(&part, left, top);
    }
    Ok(picture)
}
