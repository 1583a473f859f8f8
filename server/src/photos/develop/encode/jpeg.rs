//! JPEG, encoded by libjpeg-turbo.

use super::QUALITY;
use crate::photos::develop::Unfit;
use crate::photos::develop::pixels::{Channels, Pixels};
use std::borrow::Cow;
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

pub(super) fn encode(pixels: &Pixels) -> Result<Vec<u8>, Unfit> {
    compress(pixels).map_err(|_| Unfit::NotEncoded)
}

fn compress(pixels: &Pixels) -> turbojpeg::Result<Vec<u8>> {
    let rgb = on_white(pixels);
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let mut compressor = Compressor::new()?;
    compressor.set_quality(i32::from(QUALITY))?;
    compressor.set_subsamp(Subsamp::Sub2x2)?;
    compressor.set_optimize(true)?;
    compressor.compress_to_vec(Image {
        pixels: &rgb,
        width,
        pitch: width * Channels::Rgb.count(),
        height,
        format: PixelFormat::RGB,
    })
}

/// JPEG has no alpha: white shows through.
fn on_white(pixels: &Pixels) -> Cow<'_, [u8]> {
    if pixels.channels != Channels::Rgba {
        return Cow::Borrowed(&pixels.bytes);
    }
    let (with_alpha, _) = pixels.bytes.as_chunks::<4>();
    let mix = |colour: u8, alpha: u8| ((u32::from(colour) * u32::from(alpha) + 255 * u32::from(255 - alpha) + 127) / 255) as u8;
    Cow::Owned(
        with_alpha
            .iter()
            .flat_map(|&[r, g, b, alpha]| [mix(r, alpha), mix(g, alpha), mix(b, alpha)])
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_shows_through() {
        let bytes = vec![0, 0, 0, 0, 10, 20, 30, 255, 0, 100, 200, 128];
        let pixels = Pixels {
            width: 3,
            height: 1,
            channels: Channels::Rgba,
            bytes,
        };
        assert_eq!(on_white(&pixels)[..], [255, 255, 255, 10, 20, 30, 127, 177, 227]);
    }
}
