//! Files as people really have them: each comes to what the table beside them says.

use super::*;
use model::time::days_since_1970;

/// A line of the table.
struct Case<'a> {
    file: &'a str,
    outcome: &'a str,
    size: &'a str,
    taken: &'a str,
    offset: &'a str,
    corners: &'a str,
    within: &'a str,
}

impl<'a> Case<'a> {
    fn of(line: &'a str) -> Self {
        let [file, outcome, size, taken, offset, corners, within] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("seven columns: {line}");
        };
        Self {
            file,
            outcome,
            size,
            taken,
            offset,
            corners,
            within,
        }
    }

    /// Everything that is wrong about it.
    fn wrong(&self) -> Vec<String> {
        let file = photograph(&format!("cases/{}", self.file));
        let found = match inspect(&file) {
            Ok(found) => found,
            Err(Unfit::Unsupported | Unfit::NoPreview) if self.outcome == "unsupported" => return vec![],
            Err(Unfit::Damaged) if self.outcome == "damaged" => return vec![],
            Err(unfit) => return vec![format!("refused: {unfit}")],
        };
        let mut wrong = vec![];
        let mut expect = |name: &str, found: String, expected: &str| {
            if found != expected {
                wrong.push(format!("{name} {found:?} instead of {expected:?}"));
            }
        };
        expect("outcome", "developed".to_owned(), self.outcome);
        if !self.size.is_empty() {
            expect("size", format!("{}×{}", found.width, found.height), self.size);
        }
        let zone = found.shot.as_ref().and_then(|shot| shot.zone);
        let wall = found
            .taken_at
            .map(|taken_at| taken_at + i64::from(zone.unwrap_or(0)) * 60_000);
        expect("taken", format!("{wall:?}"), &format!("{:?}", milliseconds(self.taken)));
        if !self.offset.is_empty() {
            expect(
                "offset",
                format!("{zone:?}"),
                &format!("{:?}", self.offset.parse::<i16>().ok()),
            );
        }
        wrong.extend(self.wrong_corners(&file));
        wrong
    }

    fn wrong_corners(&self, file: &[u8]) -> Option<String> {
        let expected: Vec<Vec<u8>> = self
            .corners
            .split_terminator(';')
            .map(|colour| colour.split(',').map(|number| number.parse().unwrap()).collect())
            .collect();
        let developed = develop(file.to_vec(), &[Format::Webp], &[320]).unwrap();
        if expected.is_empty() {
            return None;
        }
        let (corners, _) = look(&developed.renditions[0].bytes, Format::Webp);
        let within: u8 = self.within.parse().unwrap();
        let near = |(found, expected): (&u8, &u8)| found.abs_diff(*expected) <= within;
        let alike = corners.as_flattened().iter().zip(expected.iter().flatten()).all(near);
        (!alike).then(|| format!("corners {corners:?} instead of {expected:?}"))
    }
}

/// `2024-05-17 18:03:09`, perhaps with a fraction, as milliseconds since 1970.
fn milliseconds(wall: &str) -> Option<i64> {
    let numbers: Vec<i64> = wall
        .split(['-', ' ', ':', '.'])
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    let [year, month, day, hour, minute, second, ref rest @ ..] = numbers[..] else {
        return None;
    };
    let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1000 + rest.first().copied().unwrap_or(0))
}

#[test]
fn files_as_people_have_them_come_out_right() {
    let table = String::from_utf8(photograph("cases/cases.tsv")).unwrap();
    let wrong: Vec<String> = table
        .lines()
        .skip(1)
        .map(Case::of)
        .map(|case| (case.file, case.wrong()))
        .filter(|(_, wrong)| !wrong.is_empty())
        .map(|(file, wrong)| format!("{file}: {}", wrong.join("; ")))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_shows_through_is_clear_and_white_in_a_jpeg() {
    // The centres of the quarters, and their alpha.
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
        let (corners, _) = look(&jpeg.bytes, Format::Jpeg);
        for (corner, alpha) in corners.iter().zip(expected) {
            assert!(alpha > 0 || corner.iter().all(|channel| *channel > 245), "{name}: {corner:?}");
        }
    }
}

#[test]
fn colours_go_by_what_names_them() {
    let centre = |name: &str| {
        let developed = develop(photograph(&format!("cases/{name}")), &[Format::Jpeg], &[320]).unwrap();
        let pixels = super::super::samples::decoded(&developed.renditions[0].bytes, Format::Jpeg).unwrap();
        let at = (pixels.height / 2 * pixels.width + pixels.width / 2) as usize * 3;
        [pixels.bytes[at], pixels.bytes[at + 1], pixels.bytes[at + 2]]
    };
    // By LittleCMS.
    assert!(
        centre("jpeg-grey-icc-gamma1.0.jpg")
            .iter()
            .all(|grey| grey.abs_diff(165) <= 6)
    );
    // White of standard range, in a picture of high range.
    assert!(centre("png-cicp-pq.png").iter().all(|channel| *channel >= 190));
}

#[test]
fn an_animation_is_turned_like_its_still() {
    let developed = develop(photograph("cases/webp-animated-exif-orient6.webp"), &[Format::Webp], &[320]).unwrap();
    let (still, size) = look(&developed.renditions[0].bytes, Format::Webp);
    let (moving, moving_size) = look(&developed.animation.unwrap(), Format::Webp);
    assert_eq!((size, moving_size), ((120, 160), (120, 160)));
    assert_near(moving, still, "animation");
}
