//! Tests of the whole pipeline.
#![allow(clippy::unwrap_used)]

mod cases;
mod colours;
mod refusals;

use super::samples::{CORNERS, exif, jpeg, photograph, quarter_colours, quarters, raw, render, saved, webp, with_segment};
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
                let decoded = decode::decode(Kind::detect(&rendition.bytes).unwrap(), &rendition.bytes, 1).unwrap();
                assert_eq!(
                    (decoded.width, decoded.height),
                    scale::fit(width, height, rendition.width),
                    "{name}"
                );
                assert_eq!(decoded.metadata, Metadata::default(), "{name}");
                assert!(matches!(decoded.colour_space, ColourSpace::Srgb), "{name}");
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
fn the_capture_time_is_read_with_and_without_a_zone() {
    assert_eq!(inspect(&photograph("dogs.jpg")).unwrap().taken_at, Some(1_529_749_994_000)); // 2018-06-23 12:33:14 +02:00
    assert_eq!(inspect(&photograph("sunset.jpg")).unwrap().taken_at, Some(1_514_745_720_000)); // 2017-12-31 18:42:00
    assert_eq!(inspect(&photograph("cat.png")).unwrap().taken_at, None);
}

#[test]
fn all_eight_orientations_are_applied() {
    let upright = quarters(64, 48);
    // All orientations are their own inverse, but for the quarter turns 6 and 8.
    for (number, inverse) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 8), (7, 7), (8, 6)] {
        let stored = orient::upright(upright.clone().into(), orient::Orientation::from_exif(inverse));
        let Picture::Pixels(stored) = stored else {
            panic!("interleaved pixels")
        };
        let file = with_segment(&jpeg(&stored, Subsamp::Sub2x2, false), 0xe1, &exif(number));
        let inspection = inspect(&file).unwrap();
        assert_eq!((inspection.width, inspection.height), (64, 48), "orientation {number}");
        for format in FORMATS {
            let (corners, size) = quarter_colours(&render(&file, format).unwrap()[0].bytes, format);
            assert_eq!(size, (64, 48), "orientation {number}");
            assert_near(corners, CORNERS, &format!("orientation {number}"));
        }
    }
}

#[test]
fn jpegs_of_every_subsampling_and_cmyk_are_decoded() {
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
    let bytes = picture.bytes.chunks(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    let cmyk = Pixels {
        channels: Channels::Cmyk,
        bytes,
        ..picture
    };
    files.push(("CMYK".to_owned(), jpeg(&cmyk, Subsamp::None, false)));
    for (name, file) in files {
        let renditions = render(&file, Format::Jpeg).unwrap();
        let (corners, size) = quarter_colours(&renditions[2].bytes, Format::Jpeg);
        assert_eq!(size, (1920, 23), "{name}");
        assert_near(corners, CORNERS, &name);
    }
}

#[test]
fn png_gif_and_webp_stills_are_decoded() {
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
            let (corners, size) = quarter_colours(&render(&file, format).unwrap()[0].bytes, format);
            assert_eq!(size, (100, 80), "{name}");
            assert_near(corners, CORNERS, name);
        }
    }
    for grey in [
        DynamicImage::from(image.to_luma8()),
        DynamicImage::from(image.to_luma16()),
        DynamicImage::from(image.to_luma_alpha8()),
    ] {
        let (corners, _) = quarter_colours(
            &render(&saved(&grey, ImageFormat::Png), Format::Webp).unwrap()[0].bytes,
            Format::Webp,
        );
        assert!(corners.iter().all(|c| c[0].abs_diff(c[1]) <= 2 && c[1].abs_diff(c[2]) <= 2));
    }
}

#[test]
fn alpha_is_kept_in_webp_and_flattened_on_white_in_jpeg() {
    let transparent_left = RgbaImage::from_fn(400, 300, |x, _| image::Rgba([200, 20, 20, if x < 200 { 0 } else { 255 }]));
    let file = saved(&DynamicImage::from(transparent_left), ImageFormat::Png);
    let webp = samples::decoded(&render(&file, Format::Webp).unwrap()[0].bytes, Format::Webp).unwrap();
    assert_eq!(webp.channels, Channels::Rgba);
    assert_eq!((webp.bytes[3], webp.bytes[webp.pitch() - 1]), (0, 255));
    let (corners, _) = quarter_colours(&render(&file, Format::Jpeg).unwrap()[0].bytes, Format::Jpeg);
    assert_near(corners, [[255; 3], [200, 20, 20], [200, 20, 20], [255; 3]], "JPEG");
}

#[test]
fn a_single_pixel_is_developed() {
    for file in [
        jpeg(&quarters(1, 1), Subsamp::Sub2x2, false),
        saved(&DynamicImage::from(rgb(&quarters(1, 1))), ImageFormat::Png),
    ] {
        assert_eq!(inspect(&file).unwrap().widths, [320]);
        assert_eq!(render(&file, Format::Webp).unwrap().len(), 1);
    }
}

#[test]
fn an_extreme_aspect_ratio_is_developed() {
    for (width, height) in [(30_000, 1), (1, 30_000)] {
        let file = jpeg(&quarters(width, height), Subsamp::Sub2x2, false);
        assert_eq!(inspect(&file).unwrap().widths, WIDTHS);
        let (_, size) = quarter_colours(&render(&file, Format::Webp).unwrap()[0].bytes, Format::Webp);
        assert_eq!(size, scale::fit(width, height, 320));
    }
}

/// Files of formats that the tests cannot write, with media type and size.
const OTHER_FORMATS: [(&str, &str, (u32, u32)); 9] = [
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
fn every_other_format_is_developed_in_all_output_formats() {
    for (name, kind, size) in OTHER_FORMATS {
        let developed = develop(photograph(name), &FORMATS, &WIDTHS).unwrap();
        let found = developed.inspection;
        assert_eq!((found.kind.as_str(), (found.width, found.height)), (kind, size), "{name}");
        assert_eq!(developed.renditions.len(), 3 * found.widths.len(), "{name}");
        for rendition in developed.renditions {
            let (_, found) = quarter_colours(&rendition.bytes, rendition.format);
            assert_eq!(found, scale::fit(size.0, size.1, rendition.width), "{name}");
        }
    }
}

#[test]
fn the_preview_of_a_raw_file_is_developed_and_oriented() {
    let preview = jpeg(&quarters(60, 40), Subsamp::Sub2x2, false);
    let thumbnail = jpeg(&quarters(16, 16), Subsamp::Sub2x2, false);
    let file = raw(&[thumbnail, preview].concat(), 6);
    let found = inspect(&file).unwrap();
    assert_eq!((found.kind.as_str(), found.width, found.height), ("image/x-raw", 40, 60));
    let (corners, _) = quarter_colours(&render(&file, Format::Webp).unwrap()[0].bytes, Format::Webp);
    // A clockwise quarter turn moves the lower left corner to the upper left.
    assert_near(corners, [CORNERS[3], CORNERS[0], CORNERS[1], CORNERS[2]], "turned");
    assert_eq!(inspect(&raw(b"no preview", 1)), Err(ImageError::NoPreview));
}

#[test]
fn an_animated_file_gets_a_still_and_an_animation() {
    for name in ["formats/cat.gif", "formats/cat.webp"] {
        let file = photograph(name);
        assert!(inspect(&file).unwrap().animated, "{name}");
        let animation = develop(file.clone(), &[Format::Webp], &WIDTHS).unwrap().animation.unwrap();
        let frames: Vec<_> = decode::animation(Kind::Webp, &animation)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let durations: Vec<u32> = frames.iter().map(|(_, duration)| *duration).collect();
        assert_eq!(durations, [80, 80, 80, 80, 80, 200], "{name}");
        assert_ne!(frames[0].0, frames[3].0, "{name}");
        assert_eq!(develop(file, &[Format::Jpeg], &WIDTHS).unwrap().animation, None, "{name}");
    }
    let still = photograph("cat.png");
    assert!(!inspect(&still).unwrap().animated);
    assert_eq!(develop(still, &[Format::Webp], &WIDTHS).unwrap().animation, None);
}

#[test]
fn camera_and_position_are_read() {
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
