//! What must be true of every photo that is developed, and of every file that is not.
#![allow(clippy::unwrap_used)]

use super::samples::{CORNERS, exif, jpeg, look, photograph, quarters, raw, render, saved, webp, with_segment};
use super::*;
use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use pixels::{Channels, Pixels};
use turbojpeg::Subsamp;

struct Photograph {
    name: &'static str,
    kind: &'static str,
    upright: (u32, u32),
    widths: &'static [u32],
}

const fn photograph_of(name: &'static str, kind: &'static str, upright: (u32, u32), widths: &'static [u32]) -> Photograph {
    Photograph {
        name,
        kind,
        upright,
        widths,
    }
}

const PHOTOGRAPHS: [Photograph; 8] = [
    photograph_of("dandelions.jpg", "image/jpeg", (5312, 2988), &WIDTHS),
    photograph_of("sunset.jpg", "image/jpeg", (4272, 2848), &WIDTHS),
    photograph_of("mountains.jpg", "image/jpeg", (3264, 2448), &WIDTHS),
    photograph_of("dogs.jpg", "image/jpeg", (2048, 3088), &WIDTHS),
    photograph_of("fig.jpg", "image/jpeg", (2572, 1740), &[320, 960, 1920]),
    photograph_of("stream.webp", "image/webp", (1800, 1198), &[320, 960, 1920]),
    photograph_of("cat.png", "image/png", (451, 300), &[320, 960]),
    photograph_of("cup.png", "image/png", (600, 400), &[320, 960]),
];

fn assert_near(found: [[u8; 3]; 4], expected: [[u8; 3]; 4], of: &str) {
    let distance = found
        .as_flattened()
        .iter()
        .zip(expected.as_flattened())
        .map(|(f, e)| f.abs_diff(*e))
        .max();
    assert!(distance <= Some(12), "{of}: {found:?} instead of {expected:?}");
}

fn rgb(pixels: &Pixels) -> RgbImage {
    RgbImage::from_raw(pixels.width, pixels.height, pixels.bytes.clone()).unwrap()
}

#[test]
fn every_photograph_is_inspected() {
    for Photograph {
        name,
        kind,
        upright: (width, height),
        widths,
    } in PHOTOGRAPHS
    {
        let found = inspect(&photograph(name)).unwrap();
        assert_eq!(
            (found.kind.as_str(), found.width, found.height),
            (kind, width, height),
            "{name}"
        );
        assert_eq!(found.widths, widths, "{name}");
        assert!((5..=25).contains(&found.thumbhash.len()), "{name}");
    }
}

#[test]
fn every_photograph_is_rendered_without_metadata_and_never_enlarged() {
    for Photograph {
        name,
        upright: (width, height),
        widths,
        ..
    } in PHOTOGRAPHS
    {
        for format in [Format::Webp, Format::Jpeg] {
            let renditions = render(&photograph(name), format).unwrap();
            assert_eq!(renditions.iter().map(|r| r.width).collect::<Vec<_>>(), widths, "{name}");
            for rendition in renditions {
                let decoded = decode::decode(Kind::of(&rendition.bytes).unwrap(), &rendition.bytes, 1).unwrap();
                assert_eq!(
                    (decoded.width, decoded.height),
                    scale::fit(width, height, rendition.width),
                    "{name}"
                );
                let block = decoded.exif.unwrap_or_default();
                assert_eq!((block.as_slice(), decoded.icc), (&[][..], None), "{name}");
                for trace in [&b"Exif\0"[..], b"ICC_PROFILE", b"http:", b"Aitzol"] {
                    assert!(
                        !rendition.bytes.windows(trace.len()).any(|bytes| bytes == trace),
                        "{name} keeps {trace:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_moment_is_read_with_and_without_a_zone() {
    assert_eq!(inspect(&photograph("dogs.jpg")).unwrap().taken_at, Some(1_529_749_994_000)); // 2018-06-23 12:33:14 +02:00
    assert_eq!(inspect(&photograph("sunset.jpg")).unwrap().taken_at, Some(1_514_745_720_000)); // 2017-12-31 18:42:00
    assert_eq!(inspect(&photograph("cat.png")).unwrap().taken_at, None);
}

#[test]
fn all_eight_orientations_are_honoured() {
    let upright = quarters(64, 48);
    // Undoing a turn is the turn itself, but for the quarter turns 6 and 8, which undo each other.
    for (number, undone_by) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 8), (7, 7), (8, 6)] {
        let stored = orient::upright(upright.clone().into(), orient::Orientation::from_exif(undone_by));
        let Picture::Pixels(stored) = stored else {
            panic!("pixels stay pixels")
        };
        let file = with_segment(&jpeg(&stored, Subsamp::Sub2x2, false), 0xe1, &exif(number));
        let inspection = inspect(&file).unwrap();
        assert_eq!((inspection.width, inspection.height), (64, 48), "orientation {number}");
        for format in FORMATS {
            let (corners, size) = look(&render(&file, format).unwrap()[0].bytes, format);
            assert_eq!(size, (64, 48), "orientation {number}");
            assert_near(corners, CORNERS, &format!("orientation {number}"));
        }
    }
}

#[test]
fn every_kind_of_jpeg_is_decoded() {
    let picture = quarters(2500, 30);
    let mut files = vec![];
    for subsamp in [
        Subsamp::None,
        Subsamp::Sub2x1,
        Subsamp::Sub1x2,
        Subsamp::Sub2x2,
        Subsamp::Sub4x1,
        Subsamp::Sub1x4,
    ] {
        for progressive in [false, true] {
            files.push((
                format!("{subsamp:?}, progressive {progressive}"),
                jpeg(&picture, subsamp, progressive),
            ));
        }
    }
    let ink = picture.bytes.chunks(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    let inks = Pixels {
        channels: Channels::Cmyk,
        bytes: ink,
        ..picture
    };
    files.push(("CMYK".to_owned(), jpeg(&inks, Subsamp::None, false)));
    for (name, file) in files {
        let renditions = render(&file, Format::Jpeg).unwrap();
        let (corners, size) = look(&renditions[2].bytes, Format::Jpeg);
        assert_eq!(size, (1920, 23), "{name}");
        assert_near(corners, CORNERS, &name);
    }
}

#[test]
fn every_kind_of_still_is_decoded() {
    let picture = quarters(100, 80);
    let image = DynamicImage::from(rgb(&picture));
    let files = [
        ("PNG", saved(&image, ImageFormat::Png)),
        (
            "PNG of 16 bits",
            saved(&DynamicImage::from(image.to_rgb16()), ImageFormat::Png),
        ),
        (
            "opaque PNG with alpha",
            saved(&DynamicImage::from(image.to_rgba8()), ImageFormat::Png),
        ),
        ("GIF", saved(&image, ImageFormat::Gif)),
        ("WebP", webp(&picture)),
    ];
    for (name, file) in files {
        for format in FORMATS {
            let (corners, size) = look(&render(&file, format).unwrap()[0].bytes, format);
            assert_eq!(size, (100, 80), "{name}");
            assert_near(corners, CORNERS, name);
        }
    }
    for grey in [
        DynamicImage::from(image.to_luma8()),
        DynamicImage::from(image.to_luma16()),
        DynamicImage::from(image.to_luma_alpha8()),
    ] {
        let (corners, _) = look(
            &render(&saved(&grey, ImageFormat::Png), Format::Webp).unwrap()[0].bytes,
            Format::Webp,
        );
        assert!(corners.iter().all(|c| c[0].abs_diff(c[1]) <= 2 && c[1].abs_diff(c[2]) <= 2));
    }
}

#[test]
fn alpha_is_kept_in_webp_and_white_in_jpeg() {
    let clear_left = RgbaImage::from_fn(400, 300, |x, _| image::Rgba([200, 20, 20, if x < 200 { 0 } else { 255 }]));
    let file = saved(&DynamicImage::from(clear_left), ImageFormat::Png);
    let webp = samples::decoded(&render(&file, Format::Webp).unwrap()[0].bytes, Format::Webp).unwrap();
    assert_eq!(webp.channels, Channels::Rgba);
    assert_eq!((webp.bytes[3], webp.bytes[webp.pitch() - 1]), (0, 255));
    let (corners, _) = look(&render(&file, Format::Jpeg).unwrap()[0].bytes, Format::Jpeg);
    assert_near(corners, [[255; 3], [200, 20, 20], [200, 20, 20], [255; 3]], "JPEG");
}

#[test]
fn a_photo_of_one_pixel_is_a_photo() {
    for file in [
        jpeg(&quarters(1, 1), Subsamp::Sub2x2, false),
        saved(&DynamicImage::from(rgb(&quarters(1, 1))), ImageFormat::Png),
    ] {
        assert_eq!(inspect(&file).unwrap().widths, [320]);
        assert_eq!(render(&file, Format::Webp).unwrap().len(), 1);
    }
}

#[test]
fn a_sliver_is_a_photo() {
    for (width, height) in [(30_000, 1), (1, 30_000)] {
        let file = jpeg(&quarters(width, height), Subsamp::Sub2x2, false);
        assert_eq!(inspect(&file).unwrap().widths, WIDTHS);
        let (_, size) = look(&render(&file, Format::Webp).unwrap()[0].bytes, Format::Webp);
        assert_eq!(size, scale::fit(width, height, 320));
    }
}

#[test]
fn bad_files_are_refused() {
    let too_many = Unfit::TooManyPixels {
        width: 50_000,
        height: 50_000,
    };
    let files = [
        ("text.jpg", Unfit::NotAPhoto),
        ("empty.jpg", Unfit::Empty),
        ("truncated.jpg", Unfit::Damaged),
        ("bomb.png", too_many.clone()),
        ("bomb.jpg", too_many),
    ];
    for (name, unfit) in files {
        let file = photograph(&format!("bad/{name}"));
        assert_eq!(inspect(&file), Err(unfit.clone()), "{name}");
        assert_eq!(render(&file, Format::Webp), Err(unfit), "{name}");
    }
}

#[test]
fn a_gif_that_claims_too_much_is_refused() {
    let mut file = saved(&DynamicImage::from(rgb(&quarters(8, 8))), ImageFormat::Gif);
    file[6..10].copy_from_slice(&[0x50, 0xc3, 0x50, 0xc3]);
    let too_many = Unfit::TooManyPixels {
        width: 50_000,
        height: 50_000,
    };
    assert_eq!(inspect(&file), Err(too_many));
}

#[test]
fn a_jpeg_of_endless_scans_is_refused() {
    let file = jpeg(&quarters(64, 64), Subsamp::None, true);
    let (start, end) = file.split_at(file.len() - 2);
    let scan = start.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
    let endless = [start, &start[scan..].repeat(1000), end].concat();
    assert_eq!(inspect(&endless), Err(Unfit::Damaged));
}

#[test]
fn a_cut_file_is_damaged_wherever_it_is_cut() {
    let picture = DynamicImage::from(rgb(&quarters(300, 200)));
    let files = [
        ("baseline", jpeg(&quarters(300, 200), Subsamp::Sub2x2, false)),
        ("progressive", jpeg(&quarters(300, 200), Subsamp::None, true)),
        ("photograph", photograph("dogs.jpg")),
        ("PNG", photograph("cat.png")),
        ("made PNG", saved(&picture, ImageFormat::Png)),
        ("WebP", photograph("stream.webp")),
        ("GIF", saved(&picture, ImageFormat::Gif)),
    ];
    for (name, file) in files {
        for sixteenth in 1..16 {
            let cut = &file[..file.len() * sixteenth / 16];
            assert_eq!(inspect(cut).err(), Some(Unfit::Damaged), "{name} cut at {sixteenth}/16");
        }
    }
}

/// One file of each format that cannot be made here, with what it shows.
const OTHERS: [(&str, &str, (u32, u32)); 9] = [
    ("formats/dogs.heic", "image/heic", (424, 640)),
    ("formats/dogs-grid.heic", "image/heic", (256, 384)),
    ("formats/dogs.avif", "image/avif", (424, 640)),
    ("formats/cup.avif", "image/avif", (400, 267)),
    ("formats/dogs.tif", "image/tiff", (212, 320)),
    ("formats/dogs-16-bit.tif", "image/tiff", (159, 240)),
    ("formats/cat-palette.png", "image/png", (200, 133)),
    ("formats/cat.gif", "image/gif", (140, 130)),
    ("formats/cat.webp", "image/webp", (140, 130)),
];

#[test]
fn every_other_format_is_developed_in_all_three() {
    for (name, kind, size) in OTHERS {
        let developed = develop(photograph(name), &FORMATS, &WIDTHS).unwrap();
        let found = developed.inspection;
        assert_eq!((found.kind.as_str(), (found.width, found.height)), (kind, size), "{name}");
        assert_eq!(developed.renditions.len(), 3 * found.widths.len(), "{name}");
        for rendition in developed.renditions {
            let (_, made) = look(&rendition.bytes, rendition.format);
            assert_eq!(made, scale::fit(size.0, size.1, rendition.width), "{name}");
        }
    }
}

/// The same photograph in another format has the same colours, whoever wrote it.
#[test]
fn formats_agree_about_colours() {
    let colours = |name: &str| look(&render(&photograph(name), Format::Webp).unwrap()[0].bytes, Format::Webp).0;
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

/// Distance of colours as CIE defined it in 1976, from 8-bit sRGB under D65: <https://www.w3.org/TR/css-color-4/#color-conversion-code>.
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
fn patches_of_colour_keep_it_from_every_profile() {
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
                let (seen, _) = look(&render(&file, format).unwrap()[0].bytes, format);
                for (seen, patch) in seen.into_iter().zip(patches) {
                    let distance = delta_e(seen, patch);
                    assert!(
                        distance <= 2.0,
                        "{name} in {}: {seen:?} is {distance:.2} from {patch:?}",
                        format.name()
                    );
                }
            }
        }
    }
}

/// The same inks through the same profile by Little CMS 2, relative to the paper.
const INKS: [([u8; 4], [u8; 3]); 5] = [
    ([0, 0, 0, 255], [72, 69, 75]),
    ([255, 0, 0, 0], [77, 155, 186]),
    ([0, 255, 0, 0], [208, 73, 134]),
    ([0, 0, 255, 0], [236, 215, 70]),
    ([128, 0, 0, 0], [163, 197, 213]),
];

#[test]
fn inks_come_out_as_their_profile_says() {
    let icc = [&b"ICC_PROFILE\0\x01\x01"[..], &photograph("formats/inks.icc")].concat();
    for (ink, colour) in INKS {
        // In a JPEG what is stored is the light that each ink leaves.
        let picture = Pixels {
            width: 32,
            height: 32,
            channels: Channels::Cmyk,
            bytes: ink.map(|ink| 255 - ink).repeat(32 * 32),
        };
        let file = with_segment(&jpeg(&picture, Subsamp::None, false), 0xe2, &icc);
        for format in FORMATS {
            let (seen, _) = look(&render(&file, format).unwrap()[0].bytes, format);
            let distance = delta_e(seen[0], colour);
            assert!(
                distance <= 2.0,
                "{ink:?} in {}: {:?} is {distance:.2} from {colour:?}",
                format.name(),
                seen[0]
            );
        }
    }
}

/// Phones store photos as tiles. `dogs-grid.png` is what libheif makes of the same file.
#[test]
fn heic_is_decoded_as_by_libheif() {
    let png = image::load_from_memory(&photograph("formats/dogs-grid.png"))
        .unwrap()
        .to_rgb8();
    let ours = decode::decode(Kind::Heic, &photograph("formats/dogs-grid.heic"), 1)
        .unwrap()
        .picture;
    let (size, rgba) = (ours.size(), ours.into_rgba());
    assert_eq!(size, png.dimensions());
    // By brightness: between the samples of colour each decoder may draw as it likes.
    let luma = |p: &[u8]| 0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2]);
    let apart: Vec<f64> = rgba
        .chunks(4)
        .zip(png.as_raw().chunks(3))
        .map(|(a, b)| (luma(a) - luma(b)).abs())
        .collect();
    let (mean, most) = (
        apart.iter().sum::<f64>() / apart.len() as f64,
        apart.iter().copied().fold(0.0, f64::max),
    );
    assert!(mean < 0.75 && most < 6.0, "{mean:.2} on average, {most:.1} at most");
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

#[test]
fn of_a_raw_file_the_preview_is_developed_and_turned() {
    let preview = jpeg(&quarters(60, 40), Subsamp::Sub2x2, false);
    let thumbnail = jpeg(&quarters(16, 16), Subsamp::Sub2x2, false);
    let file = raw(&[thumbnail, preview].concat(), 6);
    let found = inspect(&file).unwrap();
    assert_eq!((found.kind.as_str(), found.width, found.height), ("image/x-raw", 40, 60));
    let (corners, _) = look(&render(&file, Format::Webp).unwrap()[0].bytes, Format::Webp);
    // A quarter turn clockwise brings the lower left up.
    assert_near(corners, [CORNERS[3], CORNERS[0], CORNERS[1], CORNERS[2]], "turned");
    assert_eq!(inspect(&raw(b"no preview", 1)), Err(Unfit::NoPreview));
}

#[test]
fn what_moves_has_a_still_and_an_animation() {
    for name in ["formats/cat.gif", "formats/cat.webp"] {
        let file = photograph(name);
        assert!(inspect(&file).unwrap().animated, "{name}");
        let animation = develop(file.clone(), &[Format::Webp], &WIDTHS).unwrap().animation.unwrap();
        let frames: Vec<_> = decode::animation(Kind::Webp, &animation)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let lasts: Vec<u32> = frames.iter().map(|(_, lasts)| *lasts).collect();
        assert_eq!(lasts, [80, 80, 80, 80, 80, 200], "{name}");
        assert_ne!(frames[0].0, frames[3].0, "{name}");
        assert_eq!(develop(file, &[Format::Jpeg], &WIDTHS).unwrap().animation, None, "{name}");
    }
    let still = photograph("cat.png");
    assert!(!inspect(&still).unwrap().animated);
    assert_eq!(develop(still, &[Format::Webp], &WIDTHS).unwrap().animation, None);
}

#[test]
fn the_camera_and_the_place_are_read() {
    let shot = inspect(&photograph("mountains.jpg")).unwrap().shot.unwrap();
    let expected = Shot {
        zone: Some(120),
        camera: Some("Canon EOS 80D".into()),
        lens: Some("EF-S18-135mm f/3.5-5.6 IS USM".into()),
        exposure_us: Some(4000),
        aperture_hundredths: Some(800),
        iso: Some(100),
        focal_tenths: Some(240),
        place: Some(model::photos::Place {
            latitude: 431_900_000,
            longitude: -48_500_000,
            altitude: Some(1530),
        }),
    };
    assert_eq!(shot, expected);
    assert_eq!(inspect(&photograph("dogs.jpg")).unwrap().shot.unwrap().zone, Some(120));
    assert_eq!(inspect(&photograph("cat.png")).unwrap().shot, None);
}
