//! From the photo's own colours to sRGB, which is what a file without a profile is taken for.

mod deep;
mod hdr;

use super::pixels::{Channels, Picture, Pixels};
use super::planes::Planes;
use hdr::{Hdr, Transfer};
use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace, Layout, MatrixCoefficients,
    TransferCharacteristics, TransformOptions, XyY, curve_from_gamma,
};

pub(crate) use deep::{DeepRows, deep_to_srgb};

/// What a photo's numbers mean.
#[derive(Debug, Clone, Default)]
pub(crate) enum Colours {
    /// As the web has it.
    #[default]
    Srgb,
    /// As a profile says.
    Profile(Box<ColorProfile>),
    /// Brighter than a screen's white.
    Hdr(Hdr),
}

/// Where white and the primaries lie: x and y of CIE 1931.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chromaticities {
    pub(crate) white: [f64; 2],
    pub(crate) red: [f64; 2],
    pub(crate) green: [f64; 2],
    pub(crate) blue: [f64; 2],
}

/// Curves that differ less from sRGB's gamma are taken for it.
const ALIKE: f64 = 0.05;
const SRGB_GAMMA: f64 = 2.2;

impl Colours {
    /// By an embedded profile. One that cannot be read is passed over.
    pub(crate) fn of_icc(icc: &[u8]) -> Self {
        let Ok(profile) = ColorProfile::new_from_slice(icc) else {
            return Self::Srgb;
        };
        // A profile may name what its curves can only hint at: ICC.1:2022, 9.2.17.
        match profile.cicp {
            Some(named) if transfer(named.transfer_characteristics as u8).is_some() => {
                Self::of_cicp(named.color_primaries as u8, named.transfer_characteristics as u8)
            }
            _ => Self::Profile(profile.into()),
        }
    }

    /// By code points of primaries and transfer characteristics: ITU-T H.273.
    pub(crate) fn of_cicp(primaries: u8, transfer_code: u8) -> Self {
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
        // Video's curve is shown as sRGB's, by browsers and on screens.
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
        // Of code points that name nothing it has no curves.
        let profile = ColorProfile::new_from_cicp(cicp);
        let is_srgb = matches!(primaries, 1 | 2) && transfer_code == 13;
        if is_srgb || profile.red_trc.is_none() {
            Self::Srgb
        } else {
            Self::Profile(profile.into())
        }
    }

    /// By a gamma, and by where primaries lie where that is said.
    pub(crate) fn of_gamma(gamma: f64, chromaticities: Option<Chromaticities>) -> Self {
        let plain = (gamma - SRGB_GAMMA).abs() < ALIKE;
        if plain && chromaticities.is_none() {
            return Self::Srgb;
        }
        let mut profile = ColorProfile::new_srgb();
        // Its name would go before its curves.
        profile.cicp = None;
        if !plain {
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

/// Which of those that are brighter than white.
fn transfer(code: u8) -> Option<Transfer> {
    match code {
        16 => Some(Transfer::Pq),
        18 => Some(Transfer::Hlg),
        _ => None,
    }
}

/// Converts to sRGB. A profile that is not for these channels is passed over.
pub(super) fn to_srgb(picture: Picture, colours: &Colours) -> Picture {
    match picture {
        Picture::Pixels(pixels) => pixels_to_srgb(pixels, colours).into(),
        Picture::Planes(planes) => planes_to_srgb(planes, colours).into(),
    }
}

fn pixels_to_srgb(pixels: Pixels, colours: &Colours) -> Pixels {
    let converted = match colours {
        Colours::Srgb => None,
        Colours::Profile(profile) if profile.color_space == DataColorSpace::Gray => by_curve(pixels.clone(), profile),
        Colours::Profile(profile) => by_profile(&pixels, profile),
        Colours::Hdr(_) if matches!(pixels.channels, Channels::Rgb | Channels::Rgba) => {
            let mut converted = pixels.clone();
            let mut rows = ShallowRows::new(colours, pixels.channels);
            for row in converted.bytes.chunks_exact_mut(pixels.pitch()) {
                rows.convert(row);
            }
            Some(converted)
        }
        Colours::Hdr(_) => None,
    };
    match (converted, pixels.channels) {
        (Some(converted), _) => converted,
        (None, Channels::Cmyk) => without_profile(&pixels),
        (None, _) => pixels,
    }
}

fn planes_to_srgb(mut planes: Planes, colours: &Colours) -> Planes {
    match colours {
        Colours::Srgb => {}
        Colours::Profile(profile) if profile.color_space == DataColorSpace::Gray => {
            if let Some(luma) = by_curve(planes.luma.clone(), profile) {
                planes.luma = luma;
            }
        }
        Colours::Profile(profile) if profile.color_space == DataColorSpace::Rgb && !is_srgb(profile) => {
            let transform = profile.create_transform_8bit(
                Layout::Rgb,
                &ColorProfile::new_srgb(),
                Layout::Rgb,
                TransformOptions::default(),
            );
            let Ok(transform) = transform else { return planes };
            let mut converted = vec![];
            planes.in_rgb(|strip| {
                converted.resize(strip.len(), 0);
                if transform.transform(strip, &mut converted).is_ok() {
                    strip.copy_from_slice(&converted);
                }
            });
        }
        Colours::Profile(_) => {}
        Colours::Hdr(_) => {
            let mut rows = ShallowRows::new(colours, Channels::Rgb);
            planes.in_rgb(|strip| rows.convert(strip));
        }
    }
    planes
}

/// Eight bits of what is better coded in more.
struct ShallowRows {
    deep: DeepRows,
    samples: Vec<u16>,
}

impl ShallowRows {
    fn new(colours: &Colours, channels: Channels) -> Self {
        Self {
            deep: DeepRows::new(colours, channels),
            samples: vec![],
        }
    }

    fn convert(&mut self, row: &mut [u8]) {
        self.samples.clear();
        self.samples.extend(row.iter().map(|byte| u16::from(*byte) * 257));
        self.deep.convert(&self.samples, row);
    }
}

/// A grey picture, whose channels are all alike, by the curve of its profile.
fn by_curve(mut pixels: Pixels, profile: &ColorProfile) -> Option<Pixels> {
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
    let colours = count.min(3);
    for pixel in pixels.bytes.chunks_exact_mut(count) {
        pixel[..colours]
            .iter_mut()
            .for_each(|grey| *grey = rgb[usize::from(*grey) * 3]);
    }
    Some(pixels)
}

/// Whether converting by the profile would change no colour that can be told: most profiles are of sRGB.
fn is_srgb(profile: &ColorProfile) -> bool {
    const APART: [u8; 24] = [
        0, 0, 0, 255, 255, 255, 200, 40, 40, 40, 200, 40, 40, 40, 200, 128, 128, 128, 200, 100, 50, 20, 20, 60,
    ];
    let transform = profile.create_transform_8bit(
        Layout::Rgb,
        &ColorProfile::new_srgb(),
        Layout::Rgb,
        TransformOptions::default(),
    );
    let mut converted = [0; APART.len()];
    transform.is_ok_and(|transform| transform.transform(&APART, &mut converted).is_ok())
        && APART.iter().zip(converted).all(|(own, srgb)| own.abs_diff(srgb) <= 1)
}

fn by_profile(pixels: &Pixels, profile: &ColorProfile) -> Option<Pixels> {
    let (space, from, to, channels) = match pixels.channels {
        Channels::Rgb => (DataColorSpace::Rgb, Layout::Rgb, Layout::Rgb, Channels::Rgb),
        Channels::Rgba => (DataColorSpace::Rgb, Layout::Rgba, Layout::Rgba, Channels::Rgba),
        // A CMYK pixel has the shape of an RGBA one, and moxcms has one name for both.
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
    for (own, srgb) in pixels
        .bytes
        .chunks_exact(pixels.pitch())
        .zip(converted.bytes.chunks_exact_mut(pitch))
    {
        transform.transform(own, srgb).ok()?;
    }
    Some(converted)
}

/// Ink takes light away: the plain formula, for files that do not say which inks.
fn without_profile(pixels: &Pixels) -> Pixels {
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
    fn display_p3_is_widened_to_srgb() {
        let p3 = Colours::Profile(ColorProfile::new_display_p3().into());
        // P3's (200, 100, 50) is sRGB's (215, 93, 31) by the published matrices.
        let converted = pixels_to_srgb(pixel(Channels::Rgb, &[200, 100, 50]), &p3);
        for (found, expected) in converted.bytes.iter().zip([215_i16, 93, 31]) {
            assert!((i16::from(*found) - expected).abs() <= 1, "{:?}", converted.bytes);
        }
        let with_alpha = pixels_to_srgb(pixel(Channels::Rgba, &[200, 100, 50, 77]), &p3);
        assert_eq!(with_alpha.bytes[3], 77);
    }

    #[test]
    fn planes_are_widened_as_pixels_are() {
        let p3 = Colours::of_cicp(12, 13);
        let wide = Pixels {
            width: 40,
            height: 20,
            channels: Channels::Rgb,
            bytes: [200, 100, 50].repeat(800),
        };
        let mut planes = Planes::grey(Planes::plane(40, 20, vec![0; 800]));
        planes.in_rgb(|strip| strip.copy_from_slice(&wide.bytes[..strip.len()]));
        let converted = planes_to_srgb(planes, &p3).to_rgb();
        for pixel in converted.bytes.chunks(3) {
            for (found, expected) in pixel.iter().zip([215_i16, 93, 31]) {
                assert!((i16::from(*found) - expected).abs() <= 3, "{pixel:?}");
            }
        }
    }

    #[test]
    fn an_srgb_profile_and_a_broken_one_change_nothing() {
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        for icc in [&srgb[..], b"no profile", b""] {
            let converted = pixels_to_srgb(pixel(Channels::Rgb, &[200, 100, 50]), &Colours::of_icc(icc));
            for (found, own) in converted.bytes.iter().zip([200_i16, 100, 50]) {
                assert!((i16::from(*found) - own).abs() <= 1);
            }
        }
    }

    #[test]
    fn ink_takes_light_away() {
        assert_eq!(
            pixels_to_srgb(pixel(Channels::Cmyk, &[0, 0, 0, 0]), &Colours::Srgb),
            pixel(Channels::Rgb, &[255, 255, 255])
        );
        assert_eq!(
            pixels_to_srgb(pixel(Channels::Cmyk, &[0, 255, 255, 0]), &Colours::Srgb),
            pixel(Channels::Rgb, &[255, 0, 0])
        );
        assert_eq!(
            pixels_to_srgb(pixel(Channels::Cmyk, &[9, 9, 9, 255]), &Colours::Srgb),
            pixel(Channels::Rgb, &[0, 0, 0])
        );
    }

    #[test]
    fn grey_goes_by_its_curve() {
        // Half of the light is sRGB's 188.
        let linear = Colours::Profile(ColorProfile::new_gray_with_gamma(1.0).into());
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
    fn code_points_name_what_profiles_describe() {
        assert!(matches!(Colours::of_cicp(1, 13), Colours::Srgb));
        assert!(matches!(Colours::of_cicp(2, 2), Colours::Srgb));
        assert!(matches!(Colours::of_cicp(255, 255), Colours::Srgb));
        assert!(matches!(Colours::of_cicp(9, 18), Colours::Hdr(_)));
        // BT.2020's (180, 71, 42) is sRGB's (220, 30, 30), by the published matrices.
        let converted = pixels_to_srgb(pixel(Channels::Rgb, &[180, 71, 42]), &Colours::of_cicp(9, 14));
        for (found, expected) in converted.bytes.iter().zip([220_u8, 30, 30]) {
            assert!(found.abs_diff(expected) <= 8, "{:?}", converted.bytes);
        }
    }
}
