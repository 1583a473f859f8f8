//! Rendition sizes and resampling.

use super::ImageError;
use super::pixels::{Channels, Picture, Pixels};
use super::planes::Planes;
use pic_scale::{ImageSize, ImageStore, ImageStoreMut, PicScaleError, Resampling, ResamplingFunction, Scaler, ThreadingPolicy};
use std::sync::Arc;

/// Nominal widths: longer edges of renditions, unless the photo's own is shorter.
pub const WIDTHS: [u32; 4] = [320, 960, 1920, 2880];

/// Made only of photos that are at least as large.
const LARGE_PHOTO_WIDTH: u32 = 2880;

/// The nominal widths, in ascending order, of a photo's renditions: up to the first that holds its full size.
pub(super) fn nominal_widths(widths: &[u32], longer_edge: u32) -> Vec<u32> {
    let full = widths.iter().position(|&nominal| nominal >= longer_edge);
    let mut nominal = widths[..full.map_or(widths.len(), |last| last + 1)].to_vec();
    if longer_edge < LARGE_PHOTO_WIDTH && nominal.len() > 1 {
        nominal.retain(|&width| width < LARGE_PHOTO_WIDTH);
    }
    nominal
}

/// The size with the same aspect ratio and this longer edge; never larger than the photo.
pub(super) fn fit(width: u32, height: u32, longer_edge: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= longer_edge {
        return (width, height);
    }
    let (longest, edge) = (u64::from(longest), u64::from(longer_edge));
    // No result exceeds `longer_edge`, a `u32`.
    let scaled = |side: u32| ((u64::from(side) * edge + longest / 2) / longest).max(1) as u32;
    (scaled(width), scaled(height))
}

/// Resamples with a Lanczos filter. A picture that has the size already is returned unchanged.
pub(super) fn resize(picture: Picture, (width, height): (u32, u32)) -> Result<Picture, ImageError> {
    let chroma = (Planes::chroma_size(width), Planes::chroma_size(height));
    Ok(match picture {
        Picture::Pixels(pixels) => resize_pixels(pixels, (width, height))?.into(),
        Picture::Planes(planes) => planes
            .try_map(|plane, is_chroma| resize_pixels(plane, if is_chroma { chroma } else { (width, height) }))?
            .into(),
    })
}

/// See [`resize`].
pub(super) fn resize_pixels(pixels: Pixels, size: (u32, u32)) -> Result<Pixels, ImageError> {
    if (pixels.width, pixels.height) == size {
        return Ok(pixels);
    }
    let bytes = match pixels.channels {
        Channels::Plane => resample(&pixels, size, Scaler::plan_planar_resampling),
        Channels::Rgb => resample(&pixels, size, Scaler::plan_rgb_resampling),
        Channels::Rgba => resample(&pixels, size, |scaler, from, to| scaler.plan_rgba_resampling(from, to, true)),
        Channels::Cmyk => resample(&pixels, size, |scaler, from, to| scaler.plan_rgba_resampling(from, to, false)),
    };
    let bytes = bytes.map_err(|_| ImageError::NotEncoded)?;
    Ok(Pixels {
        width: size.0,
        height: size.1,
        channels: pixels.channels,
        bytes,
    })
}

type Plan<const N: usize> = Result<Arc<Resampling<u8, N>>, PicScaleError>;

fn resample<const N: usize>(
    pixels: &Pixels,
    (width, height): (u32, u32),
    plan: impl Fn(&Scaler, ImageSize, ImageSize) -> Plan<N>,
) -> Result<Vec<u8>, PicScaleError> {
    let mut scaler = Scaler::new(ResamplingFunction::Lanczos3);
    scaler.set_threading_policy(ThreadingPolicy::Single);
    let source = ImageStore::<u8, N>::from_slice(&pixels.bytes, pixels.width as usize, pixels.height as usize)?;
    let mut scaled = vec![0; width as usize * height as usize * N];
    let mut target = ImageStoreMut::<u8, N>::from_slice(&mut scaled, width as usize, height as usize)?;
    plan(&scaler, source.size(), target.size())?.resample(&source, &mut target)?;
    Ok(scaled)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nominal_widths_end_at_the_photos_size() {
        assert_eq!(nominal_widths(&WIDTHS, 1), [320]);
        assert_eq!(nominal_widths(&WIDTHS, 320), [320]);
        assert_eq!(nominal_widths(&WIDTHS, 321), [320, 960]);
        assert_eq!(nominal_widths(&WIDTHS, 960), [320, 960]);
        assert_eq!(nominal_widths(&WIDTHS, 1000), [320, 960, 1920]);
        assert_eq!(nominal_widths(&WIDTHS, 2879), [320, 960, 1920]);
        assert_eq!(nominal_widths(&WIDTHS, 2880), WIDTHS);
        assert_eq!(nominal_widths(&WIDTHS, 9000), WIDTHS);
        assert_eq!(nominal_widths(&[320, 960], 9000), [320, 960]);
        assert_eq!(nominal_widths(&[2880], 100), [2880]);
    }

    #[test]
    fn a_photo_keeps_its_aspect_ratio_and_is_never_enlarged() {
        assert_eq!(fit(6000, 4000, 1920), (1920, 1280));
        assert_eq!(fit(4000, 6000, 1920), (1280, 1920));
        assert_eq!(fit(600, 400, 960), (600, 400));
        assert_eq!(fit(30_000, 2, 320), (320, 1));
    }

    #[test]
    fn a_transparent_pixel_does_not_bleed() {
        let row: Vec<u8> = [[255, 0, 0, 0], [0, 0, 255, 255]].as_flattened().repeat(8);
        let stripes = Pixels {
            width: 16,
            height: 1,
            channels: Channels::Rgba,
            bytes: row,
        };
        let scaled = resize_pixels(stripes, (4, 1)).unwrap();
        for pixel in scaled.bytes.chunks(4) {
            assert!(pixel[0] < 8 && pixel[2] > 247, "red bleeds in: {pixel:?}");
        }
    }
}
