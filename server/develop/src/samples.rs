//! Pictures that tests make, and the photographs that lie beside the tests.
#![allow(clippy::unwrap_used)]

use super::encode::encode;
use super::pixels::{Channels, Picture, Pixels};
use super::{Format, Kind, Rendition, Unfit, WIDTHS, develop};
use image::{DynamicImage, ImageFormat};
use std::io::Cursor;
use std::path::PathBuf;
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

/// The four corners' colours, clockwise from the upper left.
pub(super) const CORNERS: [[u8; 3]; 4] = [[220, 30, 30], [30, 200, 30], [40, 40, 220], [230, 220, 40]];

/// One of the photographs in `server/tests/photos`.
pub(super) fn photograph(name: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/photos").join(name)).unwrap()
}

/// A picture in four quarters, so that its corners tell how it is turned.
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

/// A JPEG as an editor might save it.
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

/// The JPEG with a segment put behind its first marker.
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

/// The colours in the middle of a file's four quarters, clockwise from the upper left, and its width and height.
pub(super) fn look(file: &[u8], format: Format) -> ([[u8; 3]; 4], (u32, u32)) {
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

/// A rendition's pixels, by a decoder that did not make it where there is one.
pub(super) fn decoded(file: &[u8], format: Format) -> Result<Pixels, Unfit> {
    let kind = Kind::of(file)?;
    assert_eq!(kind.content_type(), format.content_type());
    Ok(match super::decode::decode(kind, file, 1_000_000)?.picture {
        Picture::Pixels(pixels) => pixels,
        Picture::Planes(planes) => planes.to_rgb(),
    })
}

/// The renditions of a file in one format, the smallest first.
pub(super) fn render(file: &[u8], format: Format) -> Result<Vec<Rendition>, Unfit> {
    let mut renditions = develop(file.to_vec(), &[format], &WIDTHS)?.renditions;
    renditions.reverse();
    Ok(renditions)
}

/// A raw file as cameras write it: a directory that tells of the sensor and of how the camera was held, something that
/// only its maker can read, and a preview.
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

/// A WebP of these pixels.
pub(super) fn webp(pixels: &Pixels) -> Vec<u8> {
    encode(&Picture::from(pixels.clone()), Format::Webp).unwrap()
}
