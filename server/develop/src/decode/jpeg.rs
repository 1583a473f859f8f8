//! JPEG, decoded by libjpeg-turbo at an eighth to eight eighths of its size.

use super::Decoded;
use super::jpeg_header::{END_OF_IMAGE, JpegHeader};
use crate::colour::Colours;
use crate::pixels::{Channels, Picture, Pixels};
use crate::planes::Planes;
use crate::{Unfit, limits, scale};
use turbojpeg::{Colorspace, Decompressor, Image, PixelFormat, ScalingFactor, Subsamp, YuvImage};

/// Cameras and editors use about ten. Each scan costs a pass over the whole picture, however few its bytes.
const MOST_SCANS: u32 = 64;

/// Decodes with a quarter to spare over `edge`: without it, scaling in the DCT costs visible sharpness.
pub(super) fn decode(bytes: &[u8], edge: u32) -> Result<Decoded, Unfit> {
    let header = JpegHeader::read(bytes)?;
    let held = if header.in_one_scan { 0 } else { header.coefficients };
    limits::check(header.width, header.height, held)?;
    limits::check_density(header.width, header.height, held, bytes.len())?;
    if !header.lossy || header.precision != 8 {
        return Err(Unfit::Unsupported);
    }
    if header.scans > MOST_SCANS {
        return Err(Unfit::Damaged);
    }
    let factor = factor((header.width, header.height), edge + edge / 4);
    let wanted = scale::fit(header.width, header.height, edge);
    let picture = match header.ends {
        true => decompress(bytes, &header, factor, wanted)?,
        // With its end the decoder takes what is there for all, and says whether that is so.
        false => decompress(&[bytes, &END_OF_IMAGE].concat(), &header, factor, wanted)?,
    };
    Ok(Decoded {
        picture,
        width: header.width,
        height: header.height,
        colours: header.icc.as_deref().map(Colours::of_icc).unwrap_or_default(),
        metadata: header.blocks.read(),
    })
}

/// Eighths that are decoded. libjpeg-turbo makes 1, 2, 4 and 8 of many pixels at once, and 3, 6 and 7 so much more slowly that
/// decoding some more pixels takes less.
const EIGHTHS: [usize; 5] = [1, 2, 4, 5, 8];

/// So many pixels are decoded for speed alone; of more the fewest that serve, for memory.
const FAST_PIXELS: usize = 16_000_000;

/// The smallest that still gives `wanted` on the longer edge.
fn factor((width, height): (u32, u32), wanted: u32) -> ScalingFactor {
    let (width, height) = (width as usize, height as usize);
    let enough = |factor: &ScalingFactor| factor.scale(width.max(height)) >= wanted as usize;
    let small = |factor: &ScalingFactor| factor.scale(width) * factor.scale(height) <= FAST_PIXELS;
    let eighths = |of: usize| ScalingFactor::new(of, 8);
    let fast = EIGHTHS.map(eighths).into_iter().find(enough).filter(small);
    fast.or_else(|| (1..8).map(eighths).find(enough))
        .unwrap_or(ScalingFactor::ONE)
}

/// The decoder's first warning where whole pictures are followed by stray bytes, which browsers show like any other.
const STRAY_BYTES: &str = "extraneous bytes before marker 0xd9";

/// libjpeg-turbo tells its first warning alone. After the end marker that it names here nothing is left to warn of.
fn but_for_stray_bytes(decoded: turbojpeg::Result<()>) -> Result<(), Unfit> {
    match decoded {
        Err(turbojpeg::Error::TurboJpegError(warning)) if warning.contains(STRAY_BYTES) => Ok(()),
        decoded => Ok(decoded?),
    }
}

impl From<turbojpeg::Error> for Unfit {
    /// libjpeg-turbo goes on after a warning; the crate makes it an error, and that is wanted: no half photos.
    fn from(_: turbojpeg::Error) -> Self {
        Self::Damaged
    }
}

fn decompress(bytes: &[u8], checked: &JpegHeader, factor: ScalingFactor, wanted: (u32, u32)) -> Result<Picture, Unfit> {
    let mut decompressor = Decompressor::new()?;
    decompressor.set_scaling_factor(factor)?;
    let header = decompressor.read_header(bytes)?;
    if (header.width, header.height) != (checked.width as usize, checked.height as usize) {
        return Err(Unfit::Damaged);
    }
    let (width, height) = (factor.scale(header.width), factor.scale(header.height));
    match header.colorspace {
        Colorspace::CMYK | Colorspace::YCCK => {
            let mut ink = pixels(&mut decompressor, bytes, (width, height), (Channels::Cmyk, PixelFormat::CMYK))?;
            // Stored as light that is left, by a custom that Adobe began and all follow.
            ink.bytes.iter_mut().for_each(|ink| *ink = 255 - *ink);
            Ok(ink.into())
        }
        Colorspace::Gray | Colorspace::YCbCr if header.subsamp != Subsamp::Unknown => {
            planes(&mut decompressor, bytes, (width, height), header.subsamp, wanted).map(Picture::from)
        }
        _ => pixels(&mut decompressor, bytes, (width, height), (Channels::Rgb, PixelFormat::RGB)).map(Picture::from),
    }
}

fn pixels(
    decompressor: &mut Decompressor,
    bytes: &[u8],
    (width, height): (usize, usize),
    (channels, format): (Channels, PixelFormat),
) -> Result<Pixels, Unfit> {
    let pitch = width * channels.count();
    let mut image = Image {
        pixels: vec![0; pitch * height],
        width,
        pitch,
        height,
        format,
    };
    but_for_stray_bytes(decompressor.decompress(bytes, image.as_deref_mut()))?;
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
    wanted: (u32, u32),
) -> Result<Planes, Unfit> {
    let mut image = YuvImage {
        pixels: vec![0; turbojpeg::yuv_pixels_len(width, 1, height, subsamp)?],
        width,
        align: 1,
        height,
        subsamp,
    };
    but_for_stray_bytes(decompressor.decompress_to_yuv(bytes, image.as_deref_mut()))?;
    let (fewer_columns, fewer_rows) = (subsamp.width(), subsamp.height());
    // As the library lays it out: whole blocks of the subsampling, so that luma may have columns and rows too many.
    let (stored_width, stored_height) = (width.next_multiple_of(fewer_columns), height.next_multiple_of(fewer_rows));
    let mut luma = image.pixels;
    let mut blue = luma.split_off(stored_width * stored_height);
    let luma = cropped(luma, stored_width, (width, height));
    if subsamp == Subsamp::Gray {
        return Ok(Planes::grey(luma));
    }
    let (chroma_width, chroma_height) = (stored_width / fewer_columns, stored_height / fewer_rows);
    let red = blue.split_off(chroma_width * chroma_height);
    // Scaled once, whatever the subsampling was, and no larger than it is wanted.
    let halved = |bytes| {
        let stored = Planes::plane(chroma_width as u32, chroma_height as u32, bytes);
        scale::pixels(stored, (Planes::half(wanted.0), Planes::half(wanted.1)))
    };
    Ok(Planes {
        chroma: [halved(blue)?, halved(red)?],
        luma: scale::pixels(luma, wanted)?,
    })
}

/// The plane without the columns and rows that fill the last blocks.
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
    fn decodes_no_more_than_is_needed() {
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
    fn what_fills_the_last_blocks_is_cut_off() {
        let stored = vec![1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0, 0];
        assert_eq!(cropped(stored, 4, (3, 2)).bytes, [1, 2, 3, 4, 5, 6]);
    }
}
