//! What the camera wrote beside the pixels.

use super::orient::Orientation;
use ::exif::{DateTime, In, Reader, Tag, Value};

/// The part of a photo's EXIF that developing needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Exif {
    pub(super) orientation: Orientation,
    /// Milliseconds of Unix time.
    pub(super) taken_at: Option<i64>,
}

impl Exif {
    /// Reads a TIFF block. What is missing or broken is left out: no photo is refused for its metadata.
    pub(super) fn read(block: Option<Vec<u8>>) -> Self {
        let Some(mut block) = block else { return Self::default() };
        if block.starts_with(b"Exif\0\0") {
            block.drain(..6);
        }
        let read = Reader::new().continue_on_error(true).read_raw(block);
        let Ok(fields) = read.or_else(|error| error.distill_partial_result(|_| ())) else {
            return Self::default();
        };
        let orientation = fields
            .get_field(Tag::Orientation, In::PRIMARY)
            .and_then(|field| field.value.get_uint(0));
        Self {
            orientation: Orientation::from_exif(orientation.unwrap_or(1)),
            taken_at: taken_at(&fields),
        }
    }
}

/// The moment of exposure, or else of digitising. `Tag::DateTime` is left alone: it is when the file was last changed.
fn taken_at(fields: &::exif::Exif) -> Option<i64> {
    [
        (Tag::DateTimeOriginal, Tag::SubSecTimeOriginal, Tag::OffsetTimeOriginal),
        (Tag::DateTimeDigitized, Tag::SubSecTimeDigitized, Tag::OffsetTimeDigitized),
    ]
    .into_iter()
    .find_map(|(date, fraction, offset)| {
        let mut moment = DateTime::from_ascii(text(fields, date)?).ok()?;
        if let Some(fraction) = text(fields, fraction) {
            let _ = moment.parse_subsec(fraction);
        }
        if let Some(offset) = text(fields, offset) {
            let _ = moment.parse_offset(offset);
        }
        unix_milliseconds(&moment)
    })
}

fn text(fields: &::exif::Exif, tag: Tag) -> Option<&[u8]> {
    match &fields.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(lines) => lines.first().map(Vec::as_slice),
        _ => None,
    }
}

/// `None` for a date that is not in the calendar, such as the zeros of a camera whose clock was never set.
fn unix_milliseconds(moment: &DateTime) -> Option<i64> {
    let (year, month, day) = (i64::from(moment.year), i64::from(moment.month), i64::from(moment.day));
    if year == 0 || !(1..=12).contains(&month) || day < 1 || moment.hour > 23 || moment.minute > 59 || moment.second > 60 {
        return None;
    }
    let next_month = if month == 12 {
        days_since_1970(year + 1, 1, 1)
    } else {
        days_since_1970(year, month + 1, 1)
    };
    let days = days_since_1970(year, month, day);
    if days >= next_month {
        return None;
    }
    let minutes = days * 1440 + i64::from(moment.hour) * 60 + i64::from(moment.minute) - i64::from(moment.offset.unwrap_or(0));
    let milliseconds = i64::from(moment.nanosecond.unwrap_or(0) / 1_000_000);
    Some((minutes * 60 + i64::from(moment.second)) * 1000 + milliseconds)
}

/// Days from 1 January 1970 in the Gregorian calendar. The year is taken to begin in March, which puts the leap day last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn milliseconds(date: &[u8], offset: Option<&[u8]>) -> Option<i64> {
        let mut moment = DateTime::from_ascii(date).unwrap();
        if let Some(offset) = offset {
            moment.parse_offset(offset).unwrap();
        }
        unix_milliseconds(&moment)
    }

    #[test]
    fn a_moment_is_counted_from_1970_in_utc() {
        assert_eq!(milliseconds(b"1970:01:01 00:00:00", None), Some(0));
        assert_eq!(milliseconds(b"2024:02:29 12:00:01", None), Some(1_709_208_001_000));
        assert_eq!(milliseconds(b"2024:02:29 12:00:01", Some(b"+02:00")), Some(1_709_200_801_000));
        assert_eq!(milliseconds(b"1969:12:31 23:59:59", None), Some(-1000));
    }

    #[test]
    fn a_date_that_never_was_is_none() {
        for date in [
            &b"0000:00:00 00:00:00"[..],
            b"2023:02:29 00:00:00",
            b"2023:13:01 00:00:00",
            b"2023:12:32 00:00:00",
            b"2023:12:01 24:00:00",
        ] {
            assert_eq!(milliseconds(date, None), None);
        }
        assert!(milliseconds(b"2023:12:31 23:59:59", None).is_some());
    }

    #[test]
    fn broken_metadata_is_left_out() {
        for block in [&b""[..], b"Exif\0\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"] {
            assert_eq!(Exif::read(Some(block.to_vec())), Exif::default());
        }
    }
}
