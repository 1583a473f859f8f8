//! Pictures of more than eight bits a sample, row by row to eight bits of sRGB: what is dark would be lost if it were cut to eight bits
//! first.

use super::Colours;
use super::hdr::Hdr;
use crate::pixels::{Channels, Pixels};
use moxcms::{ColorProfile, DataColorSpace, Layout, Transform16BitExecutor, TransformOptions};
use std::sync::Arc;

/// Converts rows of samples from 0 to 65,535.
pub(crate) struct DeepRows {
    channels: Channels,
    way: Way,
    converted: Vec<u16>,
}

enum Way {
    Shortened,
    Profile(Arc<Transform16BitExecutor>),
    Hdr(Hdr),
}

impl DeepRows {
    /// For RGB or RGBA.
    pub(crate) fn new(colours: &Colours, channels: Channels) -> Self {
        let layout = if channels == Channels::Rgba {
            Layout::Rgba
        } else {
            Layout::Rgb
        };
        let way = match colours {
            Colours::Srgb => Way::Shortened,
            Colours::Hdr(hdr) => Way::Hdr(hdr.clone()),
            Colours::Profile(profile) if profile.color_space == DataColorSpace::Rgb => profile
                .create_transform_16bit(layout, &ColorProfile::new_srgb(), layout, TransformOptions::default())
                .map_or(Way::Shortened, Way::Profile),
            Colours::Profile(_) => Way::Shortened,
        };
        Self {
            channels,
            way,
            converted: vec![],
        }
    }

    /// One row.
    pub(crate) fn convert(&mut self, row: &[u16], srgb: &mut [u8]) {
        match &self.way {
            Way::Shortened => shorten(row, srgb),
            Way::Profile(transform) => {
                self.converted.resize(row.len(), 0);
                match transform.transform(row, &mut self.converted) {
                    Ok(()) => shorten(&self.converted, srgb),
                    Err(_) => shorten(row, srgb),
                }
            }
            Way::Hdr(hdr) => {
                let count = self.channels.count();
                for (pixel, srgb) in row.chunks_exact(count).zip(srgb.chunks_exact_mut(count)) {
                    srgb[..3].copy_from_slice(&hdr.pixel([pixel[0], pixel[1], pixel[2]]));
                    shorten(&pixel[3..], &mut srgb[3..]);
                }
            }
        }
    }
}

fn shorten(samples: &[u16], bytes: &mut [u8]) {
    for (sample, byte) in samples.iter().zip(bytes) {
        *byte = ((u32::from(*sample) * 255 + 32_767) / 65_535) as u8;
    }
}

/// A whole picture of RGB or RGBA.
pub(crate) fn deep_to_srgb((width, height): (u32, u32), channels: Channels, samples: &[u16], colours: &Colours) -> Pixels {
    let mut pixels = Pixels {
        width,
        height,
        channels,
        bytes: vec![0; samples.len()],
    };
    let mut rows = DeepRows::new(colours, channels);
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
    fn the_dark_is_kept_where_a_curve_brightens_it() {
        // Linear light: sRGB's codes 10 and 11 are 199 and 219 of 65,535, and both 1 of 255.
        let linear = Colours::of_gamma(1.0, None);
        let pixels = deep_to_srgb((2, 1), Channels::Rgb, &[199, 199, 199, 219, 219, 219], &linear);
        assert!(
            pixels.bytes[0].abs_diff(10) <= 1 && pixels.bytes[3].abs_diff(11) <= 1,
            "{:?}",
            pixels.bytes
        );
        assert_ne!(pixels.bytes[0], pixels.bytes[3]);
    }

    #[test]
    fn alpha_is_no_colour() {
        for colours in [Colours::Srgb, Colours::of_gamma(1.0, None), Colours::of_cicp(9, 16)] {
            let pixels = deep_to_srgb((1, 1), Channels::Rgba, &[65_535, 65_535, 65_535, 32_896], &colours);
            assert_eq!(pixels.bytes[3], 128, "{colours:?}");
        }
    }
}
