//! From the photo's own colours to sRGB, which is what a file without a profile is taken for.

use super::pixels::{Channels, Pixels};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Converts by the embedded profile. One that cannot be read, or is not for these channels, is passed over.
pub(super) fn to_srgb(pixels: Pixels, icc: Option<&[u8]>) -> Pixels {
    match (icc.and_then(|icc| by_profile(&pixels, icc)), pixels.channels) {
        (Some(converted), _) => converted,
        (None, Channels::Cmyk) => without_profile(&pixels),
        (None, Channels::Rgb | Channels::Rgba) => pixels,
    }
}

fn by_profile(pixels: &Pixels, icc: &[u8]) -> Option<Pixels> {
    let profile = ColorProfile::new_from_slice(icc).ok()?;
    let (space, from, to, channels) = match pixels.channels {
        Channels::Rgb => (DataColorSpace::Rgb, Layout::Rgb, Layout::Rgb, Channels::Rgb),
        Channels::Rgba => (DataColorSpace::Rgb, Layout::Rgba, Layout::Rgba, Channels::Rgba),
        // A CMYK pixel has the shape of an RGBA one, and moxcms has one name for both.
        Channels::Cmyk => (DataColorSpace::Cmyk, Layout::Rgba, Layout::Rgb, Channels::Rgb),
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
        let converted = to_srgb(pixel(Channels::Rgb, &[200, 100, 50]), Some(&p3));
        for (found, expected) in converted.bytes.iter().zip([215_i16, 93, 31]) {
            assert!((i16::from(*found) - expected).abs() <= 1, "{:?}", converted.bytes);
        }
        let with_alpha = to_srgb(pixel(Channels::Rgba, &[200, 100, 50, 77]), Some(&p3));
        assert_eq!(with_alpha.bytes[3], 77);
    }

    #[test]
    fn an_srgb_profile_and_a_broken_one_change_nothing() {
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        for icc in [&srgb[..], b"no profile", b""] {
            let converted = to_srgb(pixel(Channels::Rgb, &[200, 100, 50]), Some(icc));
            for (found, own) in converted.bytes.iter().zip([200_i16, 100, 50]) {
                assert!((i16::from(*found) - own).abs() <= 1);
            }
        }
    }

    #[test]
    fn ink_takes_light_away() {
        assert_eq!(
            to_srgb(pixel(Channels::Cmyk, &[0, 0, 0, 0]), None),
            pixel(Channels::Rgb, &[255, 255, 255])
        );
        assert_eq!(
            to_srgb(pixel(Channels::Cmyk, &[0, 255, 255, 0]), None),
            pixel(Channels::Rgb, &[255, 0, 0])
        );
        assert_eq!(
            to_srgb(pixel(Channels::Cmyk, &[9, 9, 9, 255]), None),
            pixel(Channels::Rgb, &[0, 0, 0])
        );
    }
}
