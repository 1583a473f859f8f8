//! Converts high bit depths to 8-bit sRGB, row by row. Truncating to eight bits before the conversion would lose dark tones.

use super::ColourSpace;
use super::hdr::Hdr;
use crate::pixels::{Channels, Pixels};
use moxcms::{ColorProfile, DataColorSpace, Layout, Transform16BitExecutor, TransformOptions};
use std::sync::Arc;

/// Converts rows of 16-bit samples.
pub(crate) struct HighDepthRows {
    channels: Channels,
    conversion: Conversion,
    converted: Vec<u16>,
}

enum Conversion {
    Truncate,
    Profile(Arc<Transform16BitExecutor>),
    Hdr(Hdr),
}

impl HighDepthRows {
    /// For RGB or RGBA.
    pub(crate) fn new(colour_space: &ColourSpace, channels: Channels) -> Self {
        let layout = if channels == Channels::Rgba {
            Layout::Rgba
        } else {
            Layout::Rgb
        };
        let conversion = match colour_space {
            ColourSpace::Srgb => Conversion::Truncate,
            ColourSpace::Hdr(hdr) => Conversion::Hdr(hdr.clone()),
            ColourSpace::Profile(profile) if profile.color_space == DataColorSpace::Rgb => profile
                .create_transform_16bit(layout, &ColorProfile::new_srgb(), layout, TransformOptions::default())
                .map_or(Conversion::Truncate, Conversion::Profile),
            ColourSpace::Profile(_) => Conversion::Truncate,
        };
        Self {
            channels,
            conversion,
            converted: vec![],
        }
    }

    pub(crate) fn convert(&mut self, row: &[u16], srgb: &mut [u8]) {
        match &self.conversion {
            Conversion::Truncate => truncate(row, srgb),
            Conversion::Profile(transform) => {
                self.converted.resize(row.len(), 0);
                match transform.transform(row, &mut self.converted) {
                    Ok(()) => truncate(&self.converted, srgb),
                    Err(_) => truncate(row, srgb),
                }
            }
            Conversion::Hdr(hdr) => {
                let count = self.channels.count();
                for (pixel, srgb) in row.chunks_exact(count).zip(srgb.chunks_exact_mut(count)) {
                    srgb[..3].copy_from_slice(&hdr.pixel([pixel[0], pixel[1], pixel[2]]));
                    truncate(&pixel[3..], &mut srgb[3..]);
                }
            }
        }
    }
}

/// To eight bits, rounded.
fn truncate(samples: &[u16], bytes: &mut [u8]) {
    for (sample, byte) in samples.iter().zip(bytes) {
        *byte = ((u32::from(*sample) * 255 + 32_767) / 65_535) as u8;
    }
}

/// Converts a picture of RGB or RGBA.
pub(crate) fn high_depth_to_srgb(
    (width, height): (u32, u32),
    channels: Channels,
    samples: &[u16],
    colour_space: &ColourSpace,
) -> Pixels {
    let mut pixels = Pixels {
        width,
        height,
        channels,
        bytes: vec![0; samples.len()],
    };
    let mut rows = HighDepthRows::new(colour_space, channels);
    let pitch = pixels.pitch();
    for (row, srgb) in samples.chunks_exact(pitch).zip(pixels.bytes.chunks_exact_mut(pitch)) {
        rows.convert(row, srgb);
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_tones_of_linear_light_stay_distinct() {
        // sRGB values 10 and 11 in linear light: 199 and 219 of 65,535, and both 1 of 255.
        let linear = ColourSpace::from_gamma(1.0, None);
        let pixels = high_depth_to_srgb((2, 1), Channels::Rgb, &[199, 199, 199, 219, 219, 219], &linear);
        assert!(
            pixels.bytes[0].abs_diff(10) <= 1 && pixels.bytes[3].abs_diff(11) <= 1,
            "{:?}",
            pixels.bytes
        );
        assert_ne!(pixels.bytes[0], pixels.bytes[3]);
    }

    #[test]
    fn alpha_is_not_colour_converted() {
        for colour_space in [
            ColourSpace::Srgb,
            ColourSpace::from_gamma(1.0, None),
            ColourSpace::from_cicp(9, 16),
        ] {
            let pixels = high_depth_to_srgb((1, 1), Channels::Rgba, &[65_535, 65_535, 65_535, 32_896], &colour_space);
            assert_eq!(pixels.bytes[3], 128, "{colour_space:?}");
        }
    }
}
