//! Colour management: converts to sRGB, the colour space of files without a profile.

mod deep;
mod hdr;

use super::pixels::{Channels, Picture, Pixels};
use super::planes::Planes;
use hdr::{Hdr, Transfer};
use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace, Layout, MatrixCoefficients,
    TransferCharacteristics, TransformOptions, XyY, curve_from_gamma,
};

pub(crate) use deep::{HighDepthRows, high_depth_to_srgb};

/// The colour space of a file.
#[derive(Debug, Clone, Default)]
pub(crate) enum ColourSpace {
    #[default]
    Srgb,
    /// By an ICC profile.
    Profile(Box<ColorProfile>),
    /// High dynamic range.
    Hdr(Hdr),
}

/// CIE 1931 xy of the white point and the primaries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chromaticities {
    pub(crate) white: [f64; 2],
    pub(crate) red: [f64; 2],
    pub(crate) green: [f64; 2],
    pub(crate) blue: [f64; 2],
}

/// A gamma that differs less from sRGB's counts as sRGB.
const GAMMA_TOLERANCE: f64 = 0.05;
const SRGB_GAMMA: f64 = 2.2;

impl ColourSpace {
    /// From an embedded ICC profile. An invalid one is ignored.
    pub(crate) fn from_icc(icc: &[u8]) -> Self {
        let Ok(profile) = ColorProfile::new_from_slice(icc) else {
            return Self::Srgb;
        };
        // The `cicp` tag takes precedence over curves, which cannot express HDR: ICC.1:2022, 9.2.17.
        match profile.cicp {
            Some(cicp) if transfer(cicp.transfer_characteristics as u8).is_some() => {
                Self::from_cicp(cicp.color_primaries as u8, cicp.transfer_characteristics as u8)
            }
            _ => Self::Profile(profile.into()),
        }
    }

    /// From CICP code points of primaries and transfer characteristics: ITU-T H.273.
    pub(crate) fn from_cicp(primaries: u8, transfer_code: u8) -> Self {
        if let Some(transfer) = transfer(transfer_code) {
            return Self::Hdr(Hdr::new(
                transfer,
                match primaries {
                    9 => hdr::BT2020,
                    11 | 12 => hdr::DISPLAY_P3,
                    _ => hdr::BT709,
                },
            ));
        }
        // Browsers and displays treat video's transfer functions as sRGB's.
        let transfer_code = if matches!(transfer_code, 1 | 2 | 6 | 14 | 15) {
            13
        } else {
            transfer_code
        };
        let codes = CicpColorPrimaries::try_from(primaries)
            .ok()
            .zip(TransferCharacteristics::try_from(transfer_code).ok());
        let Some((color_primaries, transfer_characteristics)) = codes else {
            return Self::Srgb;
        };
        let cicp = CicpProfile {
            color_primaries,
            transfer_characteristics,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        };
        // Without curves for unspecified code points.
        let profile = ColorProfile::new_from_cicp(cicp);
        let is_srgb = matches!(primaries, 1 | 2) && transfer_code == 13;
        if is_srgb || profile.red_trc.is_none() {
            Self::Srgb
        } else {
            Self::Profile(profile.into())
        }
    }

    /// From a gamma and optional chromaticities.
    pub(crate) fn from_gamma(gamma: f64, chromaticities: Option<Chromaticities>) -> Self {
        let is_srgb_gamma = (gamma - SRGB_GAMMA).abs() < GAMMA_TOLERANCE;
        if is_srgb_gamma && chromaticities.is_none() {
            return Self::Srgb;
        }
        let mut profile = ColorProfile::new_srgb();
        // The `cicp` tag would override the curves.
        profile.cicp = None;
        if !is_srgb_gamma {
            let curve = Some(curve_from_gamma(gamma as f32));
            (profile.red_trc, profile.green_trc, profile.blue_trc) = (curve.clone(), curve.clone(), curve);
        }
        if let Some(Chromaticities { white, red, green, blue }) = chromaticities {
            let point = |[x, y]: [f64; 2]| Chromaticity::new(x as f32, y as f32);
            let primaries = ColorPrimaries {
                red: point(red),
                green: point(green),
                blue: point(blue),
            };
            let [x, y] = white;
            profile.update_rgb_colorimetry(XyY { x, y, yb: 1.0 }, primaries);
        }
        Self::Profile(profile.into())
    }
}

/// An HDR transfer function.
fn transfer(code: u8) -> Option<Transfer> {
    match code {
        16 => Some(Transfer::Pq),
        18 => Some(Transfer::Hlg),
        _ => None,
    }
}

/// Converts to sRGB. A profile for other channels is ignored.
pub(super) fn to_srgb(picture: Picture, colour_space: &ColourSpace) -> Picture {
    match picture {
        Picture::Pixels(pixels) => pixels_to_srgb(pixels, colour_space).into(),
        Picture::Planes(planes) => planes_to_srgb(planes, colour_space).into(),
    }
}

fn pixels_to_srgb(pixels: Pixels, colour_space: &ColourSpace) -> Pixels {
    let converted = match colour_space {
        ColourSpace::Srgb => None,
        ColourSpace::Profile(profile) if profile.color_space == DataColorSpace::Gray => convert_grey(pixels.clone(), profile),
        ColourSpace::Profile(profile) => convert_with_profile(&pixels, profile),
        ColourSpace::Hdr(_) if matches!(pixels.channels, Channels::Rgb | Channels::Rgba) => {
            let mut converted = pixels.clone();
            let mut rows = EightBitRows::new(colour_space, pixels.channels);
            for row in converted.bytes.chunks_exact_mut(pixels.pitch()) {
                rows.convert(row);
            }
            Some(converted)
        }
        ColourSpace::Hdr(_) => None,
    };
    match (converted, pixels.channels) {
        (Some(converted), _) => converted,
        (None, Channels::Cmyk) => cmyk_without_profile(&pixels),
        (None, _) => pixels,
    }
}

fn planes_to_srgb(mut planes: Planes, colour_space: &ColourSpace) -> Planes {
    match colour_space {
        ColourSpace::Srgb => {}
        ColourSpace::Profile(profile) if profile.color_space == DataColorSpace::Gray => {
            if let Some(luma) = convert_grey(planes.luma.clone(), profile) {
                planes.luma = luma;
            }
        }
        ColourSpace::Profile(profile) if profile.color_space == DataColorSpace::Rgb && !is_srgb(profile) => {
            let transform = profile.create_transform_8bit(
                Layout::Rgb,
                &ColorProfile::new_srgb(),
                Layout::Rgb,
                TransformOptions::default(),
            );
            let Ok(transform) = transform else { return planes };
            let mut converted = vec![];
            planes.map_rgb(|strip| {
                converted.resize(strip.len(), 0);
                if transform.transform(strip, &mut converted).is_ok() {
                    strip.copy_from_slice(&converted);
                }
            });
        }
        ColourSpace::Profile(_) => {}
        ColourSpace::Hdr(_) => {
            let mut rows = EightBitRows::new(colour_space, Channels::Rgb);
            planes.map_rgb(|strip| rows.convert(strip));
        }
    }
    planes
}

/// Converts rows of 8-bit HDR samples.
struct EightBitRows {
    rows: HighDepthRows,
    samples: Vec<u16>,
}

impl EightBitRows {
    fn new(colour_space: &ColourSpace, channels: Channels) -> Self {
        Self {
            rows: HighDepthRows::new(colour_space, channels),
            samples: vec![],
        }
    }

    fn convert(&mut self, row: &mut [u8]) {
        self.samples.clear();
        self.samples.extend(row.iter().map(|byte| u16::from(*byte) * 257));
        self.rows.convert(&self.samples, row);
    }
}

/// Converts a greyscale picture, whose colour channels are equal, by a greyscale profile.
fn convert_grey(mut pixels: Pixels, profile: &ColorProfile) -> Option<Pixels> {
    let greys: Vec<u8> = (0..=255).collect();
    let mut rgb = [0; 768];
    profile
        .create_transform_8bit(
            Layout::Gray,
            &ColorProfile::new_srgb(),
            Layout::Rgb,
            TransformOptions::default(),
        )
        .and_then(|transform| transform.transform(&greys, &mut rgb))
        .ok()?;
    let count = pixels.channels.count();
    let colour_channels = count.min(3);
    for pixel in pixels.bytes.chunks_exact_mut(count) {
        pixel[..colour_channels]
            .iter_mut()
            .for_each(|grey| *grey = rgb[usize::from(*grey) * 3]);
    }
    Some(pixels)
}

/// Whether the profile is practically sRGB, as most are: then the conversion is skipped.
fn is_srgb(profile: &ColorProfile) -> bool {
    const PROBES: [u8; 24] = [
        0, 0, 0, 255, 255, 255, 200, 40, 40, 40, 200, 40, 40, 40, 200, 128, 128, 128, 200, 100, 50, 20, 20, 60,
    ];
    let transform = profile.create_transform_8bit(
        Layout::Rgb,
        &ColorProfile::new_srgb(),
        Layout::Rgb,
        TransformOptions::default(),
    );
    let mut converted = [0; PROBES.len()];
    transform.is_ok_and(|transform| transform.transform(&PROBES, &mut converted).is_ok())
        && PROBES.iter().zip(converted).all(|(source, srgb)| source.abs_diff(srgb) <= 1)
}

fn convert_with_profile(pixels: &Pixels, profile: &ColorProfile) -> Option<Pixels> {
    let (space, from, to, channels) = match pixels.channels {
        Channels::Rgb => (DataColorSpace::Rgb, Layout::Rgb, Layout::Rgb, Channels::Rgb),
        Channels::Rgba => (DataColorSpace::Rgb, Layout::Rgba, Layout::Rgba, Channels::Rgba),
        // moxcms uses the layout `Rgba` for CMYK, too.
        Channels::Cmyk => (DataColorSpace::Cmyk, Layout::Rgba, Layout::Rgb, Channels::Rgb),
        Channels::Plane => return None,
    };
    if profile.color_space != space {
        return None;
    }
    let transform = profile
        .create_transform_8bit(from, &ColorProfile::new_srgb(), to, TransformOptions::default())
        .ok()?;
    let mut converted = Pixels {
        channels,
        bytes: vec![0; pixels.bytes.len() / pixels.channels.count() * channels.count()],
        ..*pixels
    };
    let pitch = converted.pitch();
    for (source, srgb) in pixels
        .bytes
        .chunks_exact(pixels.pitch())
        .zip(converted.bytes.chunks_exact_mut(pitch))
    {
        transform.transform(source, srgb).ok()?;
    }
    Some(converted)
}

/// The naive CMYK formula, for files without a profile.
fn cmyk_without_profile(pixels: &Pixels) -> Pixels {
    let light = |ink: u8, black: u8| (u32::from(255 - ink) * u32::from(255 - black) / 255) as u8;
    let (inks, _) = pixels.bytes.as_chunks::<4>();
    let bytes = inks
        .iter()
        .flat_map(|&[c, m, y, k]| [light(c, k), light(m, k), light(y, k)])
        .collect();
    Pixels {
        channels: Channels::Rgb,
        bytes,
        ..*pixels
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn pixel(channels: Channels, bytes: &[u8]) -> Pixels {
        Pixels {
            width: 1,
            height: 1,
            channels,
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn display_p3_is_converted_to_srgb() {
        let p3 = ColourSpace::Profile(ColorProfile::new_display_p3().into());
        // P3's (200, 100, 50) is sRGB's (215, 93, 31) by the published matrices.
        let converted = pixels_to_srgb(pixel(Channels::Rgb, &[200, 100, 50]), &p3);
        for (found, expected) in converted.bytes.iter().zip([215_i16, 93, 31]) {
            assert!((i16::from(*found) - expected).abs() <= 1, "{:?}", converted.bytes);
        }
        let with_alpha = pixels_to_srgb(pixel(Channels::Rgba, &[200, 100, 50, 77]), &p3);
        assert_eq!(with_alpha.bytes[3], 77);
    }

    #[test]
    fn planar_and_interleaved_pictures_are_converted_alike() {
        let p3 = ColourSpace::from_cicp(12, 13);
        let wide = Pixels {
            width: 40,
            height: 20,
            channels: Channels::Rgb,
            bytes: [200, 100, 50].repeat(800),
        };
        let mut planes = Planes::grey(Planes::plane(40, 20, vec![0; 800]));
        planes.map_rgb(|strip| strip.copy_from_slice(&wide.bytes[..strip.len()]));
        let converted = planes_to_srgb(planes, &p3).to_rgb();
        for pixel in converted.bytes.chunks(3) {
            for (found, expected) in pixel.iter().zip([215_i16, 93, 31]) {
                assert!((i16::from(*found) - expected).abs() <= 3, "{pixel:?}");
            }
        }
    }

    #[test]
    fn srgb_and_invalid_profiles_change_nothing() {
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        for icc in [&srgb[..], b"no profile", b""] {
            let converted = pixels_to_srgb(pixel(Channels::Rgb, &[200, 100, 50]), &ColourSpace::from_icc(icc));
            for (found, expected) in converted.bytes.iter().zip([200_i16, 100, 50]) {
                assert!((i16::from(*found) - expected).abs() <= 1);
            }
        }
    }

    #[test]
    fn cmyk_without_a_profile_is_converted() {
        assert_eq!(
            pixels_to_srgb(pixel(Channels::Cmyk, &[0, 0, 0, 0]), &ColourSpace::Srgb),
            pixel(Channels::Rgb, &[255, 255, 255])
        );
        assert_eq!(
            pixels_to_srgb(pixel(Channels::Cmyk, &[0, 255, 255, 0]), &ColourSpace::Srgb),
            pixel(Channels::Rgb, &[255, 0, 0])
        );
        assert_eq!(
            pixels_to_srgb(pixel(Channels::Cmyk, &[9, 9, 9, 255]), &ColourSpace::Srgb),
            pixel(Channels::Rgb, &[0, 0, 0])
        );
    }

    #[test]
    fn grey_profiles_are_applied() {
        // Half of linear light is 188 in sRGB.
        let linear = ColourSpace::Profile(ColorProfile::new_gray_with_gamma(1.0).into());
        let converted = pixels_to_srgb(pixel(Channels::Rgba, &[128, 128, 128, 77]), &linear);
        assert!(
            converted.bytes[..3].iter().all(|grey| grey.abs_diff(188) <= 1),
            "{:?}",
            converted.bytes
        );
        assert_eq!(converted.bytes[3], 77);
        let planes = planes_to_srgb(Planes::grey(Planes::plane(1, 1, vec![128])), &linear);
        assert!(planes.luma.bytes[0].abs_diff(188) <= 1);
    }

    #[test]
    fn cicp_code_points_select_the_colour_space() {
        assert!(matches!(ColourSpace::from_cicp(1, 13), ColourSpace::Srgb));
        assert!(matches!(ColourSpace::from_cicp(2, 2), ColourSpace::Srgb));
        assert!(matches!(ColourSpace::from_cicp(255, 255), ColourSpace::Srgb));
        assert!(matches!(ColourSpace::from_cicp(9, 18), ColourSpace::Hdr(_)));
        // BT.2020's (180, 71, 42) is sRGB's (220, 30, 30), by the published matrices.
        let converted = pixels_to_srgb(pixel(Channels::Rgb, &[180, 71, 42]), &ColourSpace::from_cicp(9, 14));
        for (found, expected) in converted.bytes.iter().zip([220_u8, 30, 30]) {
            assert!(found.abs_diff(expected) <= 8, "{:?}", converted.bytes);
        }
    }
}
