//! Rejected files: unknown formats, truncated files, decompression bombs.

use super::*;

#[test]
fn invalid_files_are_refused() {
    let too_many = ImageError::TooManyPixels {
        width: 50_000,
        height: 50_000,
    };
    let files = [
        ("text.jpg", ImageError::NotAPhoto),
        ("empty.jpg", ImageError::Empty),
        ("truncated.jpg", ImageError::Damaged),
        ("bomb.png", too_many.clone()),
        ("bomb.jpg", too_many),
    ];
    for (name, error) in files {
        let file = photograph(&format!("bad/{name}"));
        assert_eq!(inspect(&file), Err(error.clone()), "{name}");
        assert_eq!(render(&file, Format::Webp), Err(error), "{name}");
    }
}

#[test]
fn a_gif_with_an_excessive_size_is_refused() {
    // The second is within the limit of pixels; its decoder would hold 200 MB for a file of a few bytes.
    for (width, height) in [(50_000, 50_000), (65_420, 255)] {
        let mut file = saved(&DynamicImage::from(rgb(&quarters(8, 8))), ImageFormat::Gif);
        let edges = [width, height].map(|edge: u32| u16::try_from(edge).unwrap().to_le_bytes());
        file[6..10].copy_from_slice(edges.as_flattened());
        assert_eq!(inspect(&file), Err(ImageError::TooManyPixels { width, height }));
    }
}

#[test]
fn a_jpeg_with_too_many_scans_is_refused() {
    let file = jpeg(&quarters(64, 64), Subsamp::None, true);
    let (start, end) = file.split_at(file.len() - 2);
    let scan = start.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
    let file = [start, &start[scan..].repeat(1000), end].concat();
    assert_eq!(inspect(&file), Err(ImageError::Damaged));
}

#[test]
fn truncated_files_are_damaged() {
    let picture = DynamicImage::from(rgb(&quarters(300, 200)));
    let files = [
        ("baseline", jpeg(&quarters(300, 200), Subsamp::Sub2x2, false)),
        ("progressive", jpeg(&quarters(300, 200), Subsamp::None, true)),
        ("photograph", photograph("dogs.jpg")),
        ("PNG", photograph("cat.png")),
        ("generated PNG", saved(&picture, ImageFormat::Png)),
        ("WebP", photograph("stream.webp")),
        ("GIF", saved(&picture, ImageFormat::Gif)),
    ];
    for (name, file) in files {
        for sixteenth in 1..16 {
            let cut = &file[..file.len() * sixteenth / 16];
            assert_eq!(inspect(cut).err(), Some(ImageError::Damaged), "{name} cut at {sixteenth}/16");
        }
    }
}

#[test]
fn a_jpeg_with_all_image_data_is_valid_with_stray_bytes_or_no_end_marker() {
    let pictures = [
        ("planes", jpeg(&quarters(300, 200), Subsamp::Sub2x2, false), true),
        ("photograph", photograph("dogs.jpg"), true),
        // After truncation between two scans the decoder reports nothing.
        ("progressive", jpeg(&quarters(300, 200), Subsamp::None, true), false),
    ];
    for (name, file, valid_without_end) in pictures {
        let expected = inspect(&file).unwrap();
        let (pixels, end) = file.split_at(file.len() - 2);
        assert_eq!(end, [0xff, 0xd9], "{name}");
        let stray = [pixels, b"stray", end].concat();
        assert_eq!(inspect(&stray).as_ref(), Ok(&expected), "{name} with stray bytes");
        assert_eq!(
            inspect(pixels).ok(),
            valid_without_end.then_some(expected),
            "{name} without its end marker"
        );
        for cut in [1, 2, 8, 64] {
            let cut = &pixels[..pixels.len() - cut];
            assert_eq!(inspect(cut).err(), Some(ImageError::Damaged), "{name} without its last bytes");
            let with_end = [cut, end].concat();
            assert_eq!(
                inspect(&with_end).err(),
                Some(ImageError::Damaged),
                "{name} without its last bytes before the end marker"
            );
        }
    }
}
