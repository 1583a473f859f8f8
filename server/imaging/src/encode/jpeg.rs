//! JPEG, encoded by libjpeg-turbo.

use crate::ImageError;
use crate::pixels::{Channels, Picture, Pixels};
use crate::planes::Planes;
use std::borrow::Cow;
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp, YuvPlanesImage};

/// Of 100. From here on no difference is visible at normal size.
const QUALITY: i32 = 80;

pub(super) fn encode(picture: &Picture) -> Result<Vec<u8>, ImageError> {
    let mut compressor = compressor().map_err(|_| ImageError::NotEncoded)?;
    let compressed = match picture {
        Picture::Pixels(pixels) => compress(&mut compressor, pixels),
        Picture::Planes(planes) => compress_planes(&mut compressor, planes),
    };
    compressed.map_err(|_| ImageError::NotEncoded)
}

fn compressor() -> turbojpeg::Result<Compressor> {
    let mut compressor = Compressor::new()?;
    compressor.set_quality(QUALITY)?;
    compressor.set_subsamp(Subsamp::Sub2x2)?;
    compressor.set_optimize(true)?;
    Ok(compressor)
}

fn compress(compressor: &mut Compressor, pixels: &Pixels) -> turbojpeg::Result<Vec<u8>> {
    let rgb = flatten_on_white(pixels);
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    compressor.compress_to_vec(Image {
        pixels: &rgb,
        width,
        pitch: width * Channels::Rgb.count(),
        height,
        format: PixelFormat::RGB,
    })
}

fn compress_planes(compressor: &mut Compressor, planes: &Planes) -> turbojpeg::Result<Vec<u8>> {
    let (luma, [cb, cr]) = (pad_to_even(&planes.luma), &planes.chroma);
    compressor.compress_yuv_planes_to_vec(&YuvPlanesImage {
        y_plane: &luma,
        u_plane: &cb.bytes,
        v_plane: &cr.bytes,
        width: planes.luma.width as usize,
        height: planes.luma.height as usize,
        y_stride: planes.luma.pitch().next_multiple_of(2),
        u_stride: cb.pitch(),
        v_stride: cr.pitch(),
        subsamp: Subsamp::Sub2x2,
    })
}

/// Repeats the last column and row if their number is odd: the library expects luma that chroma covers exactly.
fn pad_to_even(luma: &Pixels) -> Cow<'_, [u8]> {
    let (pitch, height) = (luma.pitch(), luma.height as usize);
    if pitch % 2 == 0 && height % 2 == 0 {
        return Cow::Borrowed(&luma.bytes);
    }
    let mut padded = Vec::with_capacity((pitch + 1) * (height + 1));
    let rows = luma.bytes.chunks_exact(pitch);
    for row in rows.clone().chain(rows.last().filter(|_| height % 2 == 1)) {
        padded.extend_from_slice(row);
        padded.extend(row.last().filter(|_| pitch % 2 == 1));
    }
    Cow::Owned(padded)
}

/// JPEG has no alpha: blends with white.
fn flatten_on_white(pixels: &Pixels) -> Cow<'_, [u8]> {
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
    fn alpha_is_flattened_on_white() {
        let bytes = vec![0, 0, 0, 0, 10, 20, 30, 255, 0, 100, 200, 128];
        let pixels = Pixels {
            width: 3,
            height: 1,
            channels: Channels::Rgba,
            bytes,
        };
        assert_eq!(flatten_on_white(&pixels)[..], [255, 255, 255, 10, 20, 30, 127, 177, 227]);
    }

    #[test]
    fn odd_planes_are_padded() {
        let plane = |width, height, bytes: &[u8]| Planes::plane(width, height, bytes.to_vec());
        assert_eq!(pad_to_even(&plane(3, 1, &[1, 2, 3]))[..], [1, 2, 3, 3, 1, 2, 3, 3]);
        assert_eq!(pad_to_even(&plane(2, 1, &[1, 2]))[..], [1, 2, 1, 2]);
        assert_eq!(pad_to_even(&plane(1, 2, &[1, 2]))[..], [1, 1, 2, 2]);
        assert_eq!(pad_to_even(&plane(2, 2, &[1, 2, 3, 4]))[..], [1, 2, 3, 4]);
    }
}
