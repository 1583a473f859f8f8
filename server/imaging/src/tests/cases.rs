//! Real-world edge cases: each file must give the result that `cases.tsv` lists.

use super::*;
use model::time::Day;

/// A line of `cases.tsv`.
struct Case<'a> {
    file: &'a str,
    outcome: &'a str,
    size: &'a str,
    taken: &'a str,
    offset: &'a str,
    corners: &'a str,
    tolerance: &'a str,
}

impl<'a> Case<'a> {
    fn parse(line: &'a str) -> Self {
        let [file, outcome, size, taken, offset, corners, tolerance] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("seven columns: {line}");
        };
        Self {
            file,
            outcome,
            size,
            taken,
            offset,
            corners,
            tolerance,
        }
    }

    /// Differences from the expected result.
    fn errors(&self) -> Vec<String> {
        let file = photograph(&format!("cases/{}", self.file));
        let found = match inspect(&file) {
            Ok(found) => found,
            Err(ImageError::Unsupported | ImageError::NoPreview) if self.outcome == "unsupported" => return vec![],
            Err(ImageError::Damaged) if self.outcome == "damaged" => return vec![],
            Err(error) => return vec![format!("refused: {error}")],
        };
        let mut errors = vec![];
        let mut expect = |name: &str, found: String, expected: &str| {
            if found != expected {
                errors.push(format!("{name} {found:?} instead of {expected:?}"));
            }
        };
        expect("outcome", "developed".to_owned(), self.outcome);
        if !self.size.is_empty() {
            expect("size", format!("{}×{}", found.width, found.height), self.size);
        }
        let zone = found.shot.as_ref().and_then(|shot| shot.zone);
        let local_time = found
            .taken_at
            .map(|taken_at| taken_at + i64::from(zone.unwrap_or(0)) * 60_000);
        expect("taken", format!("{local_time:?}"), &format!("{:?}", milliseconds(self.taken)));
        if !self.offset.is_empty() {
            expect(
                "offset",
                format!("{zone:?}"),
                &format!("{:?}", self.offset.parse::<i16>().ok()),
            );
        }
        errors.extend(self.corner_error(&file));
        errors
    }

    fn corner_error(&self, file: &[u8]) -> Option<String> {
        let expected: Vec<Vec<u8>> = self
            .corners
            .split_terminator(';')
            .map(|colour| colour.split(',').map(|number| number.parse().unwrap()).collect())
            .collect();
        let developed = develop(file.to_vec(), &[Format::Webp], &[320]).unwrap();
        if expected.is_empty() {
            return None;
        }
        let (corners, _) = quarter_colours(&developed.renditions[0].bytes, Format::Webp);
        let tolerance: u8 = self.tolerance.parse().unwrap();
        let is_near = |(found, expected): (&u8, &u8)| found.abs_diff(*expected) <= tolerance;
        let all_near = corners.as_flattened().iter().zip(expected.iter().flatten()).all(is_near);
        (!all_near).then(|| format!("corners {corners:?} instead of {expected:?}"))
    }
}

/// `2024-05-17 18:03:09`, perhaps with a fraction, as milliseconds since 1970.
fn milliseconds(text: &str) -> Option<i64> {
    let numbers: Vec<i64> = text
        .split(['-', ' ', ':', '.'])
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    let [year, month, day, hour, minute, second, ref rest @ ..] = numbers[..] else {
        return None;
    };
    let time = Day::new(year, month, day)?
        .begins()
        .plus_seconds((hour * 60 + minute) * 60 + second);
    Some(time.0 + rest.first().copied().unwrap_or(0))
}

#[test]
fn edge_cases_give_the_listed_results() {
    let table = String::from_utf8(photograph("cases/cases.tsv")).unwrap();
    let errors: Vec<String> = table
        .lines()
        .skip(1)
        .map(Case::parse)
        .map(|case| (case.file, case.errors()))
        .filter(|(_, errors)| !errors.is_empty())
        .map(|(file, errors)| format!("{file}: {}", errors.join("; ")))
        .collect();
    assert!(errors.is_empty(), "{} files:\n{}", errors.len(), errors.join("\n"));
}

#[test]
fn alpha_is_kept_in_webp_and_flattened_on_white_in_jpeg() {
    // Alpha at the centres of the quarters.
    let files = [
        ("heic-alpha.heic", [0, 255, 255, 0]),
        ("avif-premultiplied-alpha.avif", [128, 255, 255, 128]),
        ("png-indexed2-trns.png", [255, 0, 128, 255]),
        ("png-grey16-trns.png", [255, 0, 255, 255]),
    ];
    for (name, expected) in files {
        let file = photograph(&format!("cases/{name}"));
        let developed = develop(file, &[Format::Webp, Format::Jpeg], &[320]).unwrap();
        let [webp, jpeg] = &developed.renditions[..] else {
            panic!("{name}")
        };
        let pixels = super::super::samples::decoded(&webp.bytes, Format::Webp).unwrap();
        assert_eq!(pixels.channels, Channels::Rgba, "{name}");
        let (width, height) = (pixels.width as usize, pixels.height as usize);
        let alpha = |x: usize, y: usize| pixels.bytes[(y * width + x) * 4 + 3];
        let found = [
            alpha(width / 4, height / 4),
            alpha(width * 3 / 4, height / 4),
            alpha(width * 3 / 4, height * 3 / 4),
            alpha(width / 4, height * 3 / 4),
        ];
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.abs_diff(expected) <= 3, "{name}: {found} instead of {expected}");
        }
        let (corners, _) = quarter_colours(&jpeg.bytes, Format::Jpeg);
        for (corner, alpha) in corners.iter().zip(expected) {
            assert!(alpha > 0 || corner.iter().all(|channel| *channel > 245), "{name}: {corner:?}");
        }
    }
}

#[test]
fn grey_profiles_and_hdr_code_points_are_applied() {
    let centre = |name: &str| {
        let developed = develop(photograph(&format!("cases/{name}")), &[Format::Jpeg], &[320]).unwrap();
        let pixels = super::super::samples::decoded(&developed.renditions[0].bytes, Format::Jpeg).unwrap();
        let at = (pixels.height / 2 * pixels.width + pixels.width / 2) as usize * 3;
        [pixels.bytes[at], pixels.bytes[at + 1], pixels.bytes[at + 2]]
    };
    // Reference value: Little CMS.
    assert!(
        centre("jpeg-grey-icc-gamma1.0.jpg")
            .iter()
            .all(|grey| grey.abs_diff(165) <= 6)
    );
    // SDR white in an HDR picture.
    assert!(centre("png-cicp-pq.png").iter().all(|channel| *channel >= 190));
}

#[test]
fn an_animation_is_oriented_like_its_still() {
    let developed = develop(photograph("cases/webp-animated-exif-orient6.webp"), &[Format::Webp], &[320]).unwrap();
    let (still, size) = quarter_colours(&developed.renditions[0].bytes, Format::Webp);
    let (animated, animated_size) = quarter_colours(&developed.animation.unwrap(), Format::Webp);
    assert_eq!((size, animated_size), ((120, 160), (120, 160)));
    assert_near(animated, still, "animation");
}
