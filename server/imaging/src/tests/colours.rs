//! Colour accuracy across formats, profiles and decoders.

use super::*;

/// The same photograph, written by other programs.
#[test]
fn all_formats_give_the_same_colours() {
    let colours = |name: &str| quarter_colours(&render(&photograph(name), Format::Webp).unwrap()[0].bytes, Format::Webp).0;
    let expected = colours("dogs.jpg");
    for name in [
        "formats/dogs.heic",
        "formats/dogs.avif",
        "formats/dogs.tif",
        "formats/dogs-16-bit.tif",
    ] {
        for (found, expected) in colours(name).as_flattened().iter().zip(expected.as_flattened()) {
            assert!(
                found.abs_diff(*expected) < 24,
                "{name}: {:?} instead of {expected:?}",
                colours(name)
            );
        }
    }
}

/// CIE 1976 colour difference (ΔE*ab) of 8-bit sRGB under D65: <https://www.w3.org/TR/css-color-4/#color-conversion-code>.
fn delta_e(a: [u8; 3], b: [u8; 3]) -> f64 {
    let lab = |colour: [u8; 3]| {
        let [r, g, b] = colour.map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        });
        let xyz = [
            (0.412_391 * r + 0.357_584 * g + 0.180_481 * b) / 0.950_456,
            0.212_639 * r + 0.715_169 * g + 0.072_192 * b,
            (0.019_331 * r + 0.119_195 * g + 0.950_532 * b) / 1.089_058,
        ];
        let [x, y, z] = xyz.map(|t| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    };
    lab(a).iter().zip(lab(b)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn colours_are_preserved_from_every_rgb_profile() {
    let grey = [[128; 3], [40; 3], [220; 3], [90; 3]];
    let muted = [[170, 110, 90], [90, 130, 100], [100, 110, 160], [190, 180, 120]];
    for patches in [grey, muted] {
        for (name, profile) in [
            ("sRGB", moxcms::ColorProfile::new_srgb()),
            ("Display P3", moxcms::ColorProfile::new_display_p3()),
            ("AdobeRGB", moxcms::ColorProfile::new_adobe_rgb()),
        ] {
            let stored = patches.map(|patch| in_profile(patch, &profile));
            let picture = in_quarters(&stored);
            let icc = [&b"ICC_PROFILE\0\x01\x01"[..], &profile.encode().unwrap()].concat();
            let file = with_segment(&jpeg(&picture, Subsamp::Sub2x2, false), 0xe2, &icc);
            for format in FORMATS {
                let (found, _) = quarter_colours(&render(&file, format).unwrap()[0].bytes, format);
                for (found, patch) in found.into_iter().zip(patches) {
                    let distance = delta_e(found, patch);
                    assert!(
                        distance <= 2.0,
                        "{name} in {}: {found:?} is {distance:.2} from {patch:?}",
                        format.name()
                    );
                }
            }
        }
    }
}

/// CMYK values and their sRGB colours according to Little CMS 2 with the same profile, relative colorimetric.
const INKS: [([u8; 4], [u8; 3]); 5] = [
    ([0, 0, 0, 255], [72, 69, 75]),
    ([255, 0, 0, 0], [77, 155, 186]),
    ([0, 255, 0, 0], [208, 73, 134]),
    ([0, 0, 255, 0], [236, 215, 70]),
    ([128, 0, 0, 0], [163, 197, 213]),
];

#[test]
fn cmyk_is_converted_by_its_profile() {
    let icc = [&b"ICC_PROFILE\0\x01\x01"[..], &photograph("formats/inks.icc")].concat();
    for (ink, colour) in INKS {
        // CMYK JPEGs are stored inverted.
        let picture = Pixels {
            width: 32,
            height: 32,
            channels: Channels::Cmyk,
            bytes: ink.map(|ink| 255 - ink).repeat(32 * 32),
        };
        let file = with_segment(&jpeg(&picture, Subsamp::None, false), 0xe2, &icc);
        for format in FORMATS {
            let (found, _) = quarter_colours(&render(&file, format).unwrap()[0].bytes, format);
            let distance = delta_e(found[0], colour);
            assert!(
                distance <= 2.0,
                "{ink:?} in {}: {:?} is {distance:.2} from {colour:?}",
                format.name(),
                found[0]
            );
        }
    }
}

/// Phones store photos as grids of tiles. `dogs-grid.png` is the same file decoded by libheif.
#[test]
fn heic_grids_are_decoded_like_libheif() {
    let png = image::load_from_memory(&photograph("formats/dogs-grid.png"))
        .unwrap()
        .to_rgb8();
    let ours = decode::decode(Kind::Heic, &photograph("formats/dogs-grid.heic"), 1)
        .unwrap()
        .picture;
    let (size, rgba) = (ours.size(), ours.into_rgba());
    assert_eq!(size, png.dimensions());
    // Compares luma, since decoders interpolate chroma differently.
    let luma = |p: &[u8]| 0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2]);
    let differences: Vec<f64> = rgba
        .chunks(4)
        .zip(png.as_raw().chunks(3))
        .map(|(a, b)| (luma(a) - luma(b)).abs())
        .collect();
    let (mean, max) = (
        differences.iter().sum::<f64>() / differences.len() as f64,
        differences.iter().copied().fold(0.0, f64::max),
    );
    assert!(mean < 0.75 && max < 6.0, "mean {mean:.2}, max {max:.1}");
}

fn in_profile(srgb: [u8; 3], profile: &moxcms::ColorProfile) -> [u8; 3] {
    let layout = moxcms::Layout::Rgb;
    let transform = moxcms::ColorProfile::new_srgb().create_transform_8bit(layout, profile, layout, Default::default());
    let mut converted = [0; 3];
    transform.unwrap().transform(&srgb, &mut converted).unwrap();
    converted
}

fn in_quarters(colours: &[[u8; 3]; 4]) -> Pixels {
    let mut picture = quarters(256, 256);
    for pixel in picture.bytes.chunks_exact_mut(3) {
        let quarter = CORNERS.iter().position(|corner| corner == pixel).unwrap();
        pixel.copy_from_slice(&colours[quarter]);
    }
    picture
}
