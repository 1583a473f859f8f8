//! JPEG, decoded by libjpeg-turbo, scaled in the DCT to 1/8 to 8/8.

use super::Decoded;
use super::jpeg_header::{END_OF_IMAGE, JpegHeader};
use crate::colour::ColourSpace;
use crate::pixels::{Channels, Picture, Pixels};
use crate::planes::Planes;
use crate::{ImageError, limits, scale};
use turbojpeg::{Colorspace, Decompressor, Image, PixelFormat, ScalingFactor, Subsamp, YuvImage};

/// Cameras and editors write about ten. Each scan costs a pass over the whole picture, however small it is.
const MAX_SCANS: u32 = 64;

/// Decodes to 1.25 × `edge` at least: without this margin, scaling in the DCT visibly costs sharpness.
pub(super) fn decode(bytes: &[u8], edge: u32) -> Result<Decoded, ImageError> {
    let header = JpegHeader::read(bytes)?;
    let buffer = if header.has_single_scan { 0 } else { header.coefficients };
    limits::check(header.width, header.height, buffer)?;
    limits::check_compression_ratio(header.width, header.height, buffer, bytes.len())?;
    if !header.lossy || header.precision != 8 {
        return Err(ImageError::Unsupported);
    }
    if header.scans > MAX_SCANS {
        return Err(ImageError::Damaged);
    }
    let factor = factor((header.width, header.height), edge + edge / 4);
    let target = scale::fit(header.width, header.height, edge);
    let picture = match header.has_end {
        true => decompress(bytes, &header, factor, target)?,
        // With an end marker appended, the decoder reports whether image data is missing.
        false => decompress(&[bytes, &END_OF_IMAGE].concat(), &header, factor, target)?,
    };
    Ok(Decoded {
        picture,
        width: header.width,
        height: header.height,
        colour_space: header.icc.as_deref().map(ColourSpace::from_icc).unwrap_or_default(),
        metadata: header.blocks.read(),
    })
}

/// Scaling factors in eighths. libjpeg-turbo has SIMD code for 1, 2, 4 and 8; 3, 6 and 7 take longer than the next larger one.
const EIGHTHS: [usize; 5] = [1, 2, 4, 5, 8];

/// Up to this many decoded pixels the fastest factor is chosen; above, the smallest, to save memory.
const FAST_PIXELS: usize = 16_000_000;

/// A scaling factor that gives the longer edge at least `edge` pixels.
fn factor((width, height): (u32, u32), edge: u32) -> ScalingFactor {
    let (width, height) = (width as usize, height as usize);
    let is_enough = |factor: &ScalingFactor| factor.scale(width.max(height)) >= edge as usize;
    let is_small = |factor: &ScalingFactor| factor.scale(width) * factor.scale(height) <= FAST_PIXELS;
    let eighths = |of: usize| ScalingFactor::new(of, 8);
    let fast = EIGHTHS.map(eighths).into_iter().find(is_enough).filter(is_small);
    fast.or_else(|| (1..8).map(eighths).find(is_enough))
        .unwrap_or(ScalingFactor::ONE)
}

/// libjpeg-turbo's warning about stray bytes after complete image data. Browsers show such files.
const STRAY_BYTES: &str = "extraneous bytes before marker 0xd9";

/// libjpeg-turbo reports only its first warning. This one names the end marker, so no other can follow.
fn ignore_stray_bytes(decoded: turbojpeg::Result<()>) -> Result<(), ImageError> {
    match decoded {
        Err(turbojpeg::Error::TurboJpegError(warning)) if warning.contains(STRAY_BYTES) => Ok(()),
        decoded => Ok(decoded?),
    }
}

impl From<turbojpeg::Error> for ImageError {
    /// Includes libjpeg-turbo's warnings: an incomplete photo is an error.
    fn from(_: turbojpeg::Error) -> Self {
        Self::Damaged
    }
}

fn decompress(bytes: &[u8], checked: &JpegHeader, factor: ScalingFactor, target: (u32, u32)) -> Result<Picture, ImageError> {
    let mut decompressor = Decompressor::new()?;
    decompressor.set_scaling_factor(factor)?;
    let header = decompressor.read_header(bytes)?;
    if (header.width, header.height) != (checked.width as usize, checked.height as usize) {
        return Err(ImageError::Damaged);
    }
    let (width, height) = (factor.scale(header.width), factor.scale(header.height));
    match header.colorspace {
        Colorspace::CMYK | Colorspace::YCCK => {
            let mut cmyk = pixels(&mut decompressor, bytes, (width, height), (Channels::Cmyk, PixelFormat::CMYK))?;
            // CMYK JPEGs are stored inverted, as Adobe writes them.
            cmyk.bytes.iter_mut().for_each(|ink| *ink = 255 - *ink);
            Ok(cmyk.into())
        }
        Colorspace::Gray | Colorspace::YCbCr if header.subsamp != Subsamp::Unknown => {
            planes(&mut decompressor, bytes, (width, height), header.subsamp, target).map(Picture::from)
        }
        _ => pixels(&mut decompressor, bytes, (width, height), (Channels::Rgb, PixelFormat::RGB)).map(Picture::from),
    }
}

fn pixels(
    decompressor: &mut Decompressor,
    bytes: &[u8],
    (width, height): (usize, usize),
    (channels, format): (Channels, PixelFormat),
) -> Result<Pixels, ImageError> {
    let pitch = width * channels.count();
    let mut image = Image {
        pixels: vec![0; pitch * height],
        width,
        pitch,
        height,
        format,
    };
    ignore_stray_bytes(decompressor.decompress(bytes, image.as_deref_mut()))?;
    Ok(Pixels {
        width: width as u32,
        height: height as u32,
        channels,
        bytes: image.pixels,
    })
}

fn planes(
    decompressor: &mut Decompressor,
    bytes: &[u8],
    (width, height): (usize, usize),
    subsamp: Subsamp,
    target: (u32, u32),
) -> Result<Planes, ImageError> {
    let mut image = YuvImage {
        pixels: vec![0; turbojpeg::yuv_pixels_len(width, 1, height, subsamp)?],
        width,
        align: 1,
        height,
        subsamp,
    };
    ignore_stray_bytes(decompressor.decompress_to_yuv(bytes, image.as_deref_mut()))?;
    let (horizontal_factor, vertical_factor) = (subsamp.width(), subsamp.height());
    // The luma plane is padded to multiples of the subsampling factors.
    let (stored_width, stored_height) = (
        width.next_multiple_of(horizontal_factor),
        height.next_multiple_of(vertical_factor),
    );
    let mut luma = image.pixels;
    let mut cb = luma.split_off(stored_width * stored_height);
    let luma = cropped(luma, stored_width, (width, height));
    if subsamp == Subsamp::Gray {
        return Ok(Planes::grey(luma));
    }
    let (chroma_width, chroma_height) = (stored_width / horizontal_factor, stored_height / vertical_factor);
    let cr = cb.split_off(chroma_width * chroma_height);
    // From any subsampling to 4:2:0 of the target size in one step.
    let resized = |bytes| {
        let stored = Planes::plane(chroma_width as u32, chroma_height as u32, bytes);
        scale::resize_pixels(stored, (Planes::chroma_size(target.0), Planes::chroma_size(target.1)))
    };
    Ok(Planes {
        chroma: [resized(cb)?, resized(cr)?],
        luma: scale::resize_pixels(luma, target)?,
    })
}

/// Removes the padding of a plane.
fn cropped(mut bytes: Vec<u8>, stored_width: usize, (width, height): (usize, usize)) -> Pixels {
    if stored_width != width {
        for row in 1..height {
            bytes.copy_within(row * stored_width..row * stored_width + width, row * width);
        }
    }
    bytes.truncate(width * height);
    Planes::plane(width as u32, height as u32, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scaling_factor_is_the_fastest_or_the_smallest() {
        assert_eq!(factor((6000, 4000), 2400), ScalingFactor::ONE_HALF);
        assert_eq!(factor((2988, 5312), 2400), ScalingFactor::ONE_HALF);
        assert_eq!(factor((4032, 3024), 2400), ScalingFactor::new(5, 8));
        assert_eq!(factor((3264, 2448), 2400), ScalingFactor::new(8, 8), "faster than 6/8");
        assert_eq!(
            factor((6000, 4000), 4400),
            ScalingFactor::new(6, 8),
            "in less memory than 8/8"
        );
        assert_eq!(factor((2000, 1000), 2400), ScalingFactor::ONE);
        assert_eq!(factor((30_000, 10), 125), ScalingFactor::ONE_EIGHTH);
    }

    #[test]
    fn padding_is_removed() {
        let stored = vec![1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0, 0];
        assert_eq!(cropped(stored, 4, (3, 2)).bytes, [1, 2, 3, 4, 5, 6]);
    }
}
