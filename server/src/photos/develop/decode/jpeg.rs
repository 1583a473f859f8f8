//! JPEG, decoded by libjpeg-turbo at an eighth to eight eighths of its size.

use super::Decoded;
use super::jpeg_header::JpegHeader;
use crate::photos::develop::pixels::{Channels, Pixels};
use crate::photos::develop::{Unfit, limits};
use turbojpeg::{Colorspace, Decompressor, Image, PixelFormat, ScalingFactor};

/// Cameras and editors use about ten. Each scan costs a pass over the whole picture, however few its bytes.
const MOST_SCANS: u32 = 64;

/// Decodes with a quarter to spare over `edge`: without it, scaling in the DCT costs visible sharpness.
pub(super) fn decode(bytes: &[u8], edge: u32) -> Result<Decoded, Unfit> {
    let header = JpegHeader::read(bytes)?;
    let held = if header.in_one_scan { 0 } else { header.coefficients };
    limits::check(header.width, header.height, held)?;
    if !header.lossy || header.precision != 8 {
        return Err(Unfit::NotAPhoto);
    }
    if header.scans > MOST_SCANS {
        return Err(Unfit::Damaged);
    }
    let factor = factor(header.width.max(header.height), edge + edge / 4);
    let pixels = decompress(bytes, &header, factor)?;
    Ok(Decoded {
        pixels,
        width: header.width,
        height: header.height,
        icc: header.icc,
        exif: header.exif,
    })
}

/// The smallest that still gives `wanted`.
fn factor(longer_edge: u32, wanted: u32) -> ScalingFactor {
    let eighths = (1..8).map(|eighths| ScalingFactor::new(eighths, 8));
    let enough = |factor: &ScalingFactor| factor.scale(longer_edge as usize) >= wanted as usize;
    eighths.into_iter().find(enough).unwrap_or(ScalingFactor::ONE)
}

impl From<turbojpeg::Error> for Unfit {
    /// libjpeg-turbo goes on after a warning; the crate makes it an error, and that is wanted: no half photos.
    fn from(_: turbojpeg::Error) -> Self {
        Self::Damaged
    }
}

fn decompress(bytes: &[u8], checked: &JpegHeader, factor: ScalingFactor) -> Result<Pixels, Unfit> {
    let mut decompressor = Decompressor::new()?;
    decompressor.set_scaling_factor(factor)?;
    let header = decompressor.read_header(bytes)?;
    if (header.width, header.height) != (checked.width as usize, checked.height as usize) {
        return Err(Unfit::Damaged);
    }
    let header = header.scaled(factor);
    let (channels, format) = match header.colorspace {
        Colorspace::CMYK | Colorspace::YCCK => (Channels::Cmyk, PixelFormat::CMYK),
        _ => (Channels::Rgb, PixelFormat::RGB),
    };
    let pitch = header.width * channels.count();
    let mut image = Image {
        pixels: vec![0; pitch * header.height],
        width: header.width,
        pitch,
        height: header.height,
        format,
    };
    decompressor.decompress(bytes, image.as_deref_mut())?;
    let mut bytes = image.pixels;
    if channels == Channels::Cmyk {
        // Stored as light that is left, by a custom that Adobe began and all follow.
        bytes.iter_mut().for_each(|ink| *ink = 255 - *ink);
    }
    Ok(Pixels {
        width: header.width as u32,
        height: header.height as u32,
        channels,
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_no_more_than_is_needed() {
        assert_eq!(factor(6000, 2400), ScalingFactor::ONE_HALF);
        assert_eq!(factor(5312, 2400), ScalingFactor::ONE_HALF);
        assert_eq!(factor(4032, 2400), ScalingFactor::new(5, 8));
        assert_eq!(factor(2000, 2400), ScalingFactor::ONE);
        assert_eq!(factor(30_000, 125), ScalingFactor::ONE_EIGHTH);
    }
}
