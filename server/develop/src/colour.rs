//! From the photo's own colours to sRGB, which is what a file without a profile is taken for.

use super::pixels::{Channels, Picture, Pixels};
use super::planes::Planes;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Converts by the embedded profile. One that cannot be read, or is not for these channels, is passed over.
pub(super) fn to_srgb(picture: Picture, icc: Option<&[u8]>) -> Picture {
    match picture {
        Picture::Pixels(pixels) => pixels_to_srgb(pixels, icc).into(),
        Picture::Planes(planes) => planes_to_srgb(planes, icc).into(),
    }
}

fn pixels_to_srgb(pixels: Pixels, icc: Option<&[u8]>) -> Pixels {
    match (icc.and_then(|icc| by_profile(&pixels, icc)), pixels.channels) {
        (Some(converted), _) => converted,
        (None, Channels::Cmyk) => without_profile(&pixels),
        (None, _) => pixels,
    }
}

fn planes_to_srgb(mut planes: Planes, icc: Option<&[u8]>) -> Planes {
    let profile = icc.and_then(|icc| ColorProfile::new_from_slice(icc).ok());
    let Some(profile) = profile.filter(|profile| profile.color_space == DataColorSpace::Rgb && !is_srgb(profile)) else {
        return planes;
    };
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
    planes
}

/// The profile of phones' screens and cameras, for files that only name it.
pub(super) fn display_p3() -> Option<Vec<u8>> {
    ColorProfile::new_display_p3().encode().ok()
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

fn by_profile(pixels: &Pixels, icc: &[u8]) -> Option<Pixels> {
    let profile = ColorProfile::new_from_slice(icc).ok()?;
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
        let p3 = ColorProfile::new_display_p3().encode().unwrap();
        // P3's (200, 100, 50) is sRGB's (215, 93, 31) by the published matrices.
        let converted = pixels_to_srgb(pixel(Channels::Rgb, &[200, 100, 50]), Some(&p3));
        for (found, expected) in converted.bytes.iter().zip([215_i16, 93, 31]) {
            assert!((i16::from(*found) - expected).abs() <= 1, "{:?}", converted.bytes);
        }
        let with_alpha = pixels_to_srgb(pixel(Channels::Rgba, &[200, 100, 50, 77]), Some(&p3));
        assert_eq!(with_alpha.bytes[3], 77);
    }

    #[test]
    fn planes_are_widened_as_pixels_are() {
        let p3 = ColorProfile::new_display_p3().encode().unwrap();
        let wide = Pixels {
            width: 40,
            height: 20,
            channels: Channels::Rgb,
            bytes: [200, 100, 50].repeat(800),
        };
        let mut planes = Planes::grey(Planes::plane(40, 20, vec![0; 800]));
        planes.in_rgb(|strip| strip.copy_from_slice(&wide.bytes[..strip.len()]));
        let converted = planes_to_srgb(planes, Some(&p3)).to_rgb();
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
            let converted = pixels_to_srgb(pixel(Channels::Rgb, &[200, 100, 50]), Some(icc));
            for (found, own) in converted.bytes.iter().zip([200_i16, 100, 50]) {
                assert!((i16::from(*found) - own).abs() <= 1);
            }
        }
    }

    #[test]
    fn ink_takes_light_away() {
        assert_eq!(
            pixels_to_srgb(pixel(Channels::Cmyk, &[0, 0, 0, 0]), None),
            pixel(Channels::Rgb, &[255, 255, 255])
        );
        assert_eq!(
            pixels_to_srgb(pixel(Channels::Cmyk, &[0, 255, 255, 0]), None),
            pixel(Channels::Rgb, &[255, 0, 0])
        );
        assert_eq!(
            pixels_to_srgb(pixel(Channels::Cmyk, &[9, 9, 9, 255]), None),
            pixel(Channels::Rgb, &[0, 0, 0])
        );
    }
}
