//! Test fixtures: generated pictures, and the photographs of `server/tests/photos`.
#![allow(clippy::unwrap_used)]

use super::encode::encode;
use super::pixels::{Channels, Picture, Pixels};
use super::{Format, ImageError, Kind, Rendition, WIDTHS, develop};
use image::{DynamicImage, ImageFormat};
use std::io::Cursor;
use std::path::PathBuf;
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

/// Colours of the four quarters, clockwise from the upper left.
pub(super) const CORNERS: [[u8; 3]; 4] = [[220, 30, 30], [30, 200, 30], [40, 40, 220], [230, 220, 40]];

/// A file of `server/tests/photos`.
pub(super) fn photograph(name: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/photos").join(name)).unwrap()
}

/// A picture with four quarters of different colours, which show its orientation.
pub(super) fn quarters(width: u32, height: u32) -> Pixels {
    let quarter = |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => CORNERS[0],
        (false, true) => CORNERS[1],
        (false, false) => CORNERS[2],
        (true, false) => CORNERS[3],
    };
    let bytes = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| quarter(x, y)))
        .collect();
    Pixels {
        width,
        height,
        channels: Channels::Rgb,
        bytes,
    }
}

/// Encodes a JPEG.
pub(super) fn jpeg(pixels: &Pixels, subsamp: Subsamp, progressive: bool) -> Vec<u8> {
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let format = if pixels.channels == Channels::Cmyk {
        PixelFormat::CMYK
    } else {
        PixelFormat::RGB
    };
    let mut compressor = Compressor::new().unwrap();
    compressor.set_quality(92).unwrap();
    compressor.set_subsamp(subsamp).unwrap();
    compressor.set_progressive(progressive).unwrap();
    compressor
        .compress_to_vec(Image {
            pixels: &pixels.bytes,
            width,
            pitch: pixels.pitch(),
            height,
            format,
        })
        .unwrap()
}

/// Inserts a segment after the first marker.
pub(super) fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker, high, low], content, &jpeg[2..]].concat()
}

/// EXIF with nothing but an orientation.
pub(super) fn exif(orientation: u8) -> Vec<u8> {
    [
        &b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..],
        &[orientation],
        b"\0\0\0\0\0\0",
    ]
    .concat()
}

/// A PNG or GIF of any colour type.
pub(super) fn saved(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// The colours at the centres of a file's four quarters, clockwise from the upper left, and its width and height.
pub(super) fn quarter_colours(file: &[u8], format: Format) -> ([[u8; 3]; 4], (u32, u32)) {
    let pixels = decoded(file, format).unwrap();
    let (width, height) = (pixels.width, pixels.height);
    let at = |x: u32, y: u32| {
        let start = (y * width + x) as usize * pixels.channels.count();
        [pixels.bytes[start], pixels.bytes[start + 1], pixels.bytes[start + 2]]
    };
    let (left, right, top, bottom) = (width / 4, width - 1 - width / 4, height / 4, height - 1 - height / 4);
    (
        [at(left, top), at(right, top), at(right, bottom), at(left, bottom)],
        (width, height),
    )
}

/// Decodes a rendition.
pub(super) fn decoded(file: &[u8], format: Format) -> Result<Pixels, ImageError> {
    let kind = Kind::detect(file)?;
    assert_eq!(kind.content_type(), format.content_type());
    Ok(match super::decode::decode(kind, file, 1_000_000)?.picture {
        Picture::Pixels(pixels) => pixels,
        Picture::Planes(planes) => planes.to_rgb(),
    })
}

/// The renditions of a file in one format, in ascending order.
pub(super) fn render(file: &[u8], format: Format) -> Result<Vec<Rendition>, ImageError> {
    let mut renditions = develop(file.to_vec(), &[format], &WIDTHS)?.renditions;
    renditions.reverse();
    Ok(renditions)
}

/// A raw file: an IFD with photometric interpretation and orientation, a preview, and proprietary data around it.
pub(super) fn raw(preview: &[u8], orientation: u8) -> Vec<u8> {
    let entry = |tag: u16, value: u16| {
        [
            &tag.to_le_bytes()[..],
            &3_u16.to_le_bytes(),
            &1_u32.to_le_bytes(),
            &value.to_le_bytes(),
            &[0; 2],
        ]
        .concat()
    };
    let directory = [entry(262, 32803), entry(274, u16::from(orientation))].concat();
    [
        b"II*\0\x08\0\0\0",
        &2_u16.to_le_bytes()[..],
        &directory,
        &[0; 4],
        &[0x5a; 4096],
        preview,
        &[0xa5; 4096],
    ]
    .concat()
}

/// Encodes a WebP.
pub(super) fn webp(pixels: &Pixels) -> Vec<u8> {
    encode(&Picture::from(pixels.clone()), Format::Webp).unwrap()
}
