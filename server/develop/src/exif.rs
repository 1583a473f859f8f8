//! What the camera wrote beside the pixels.

use super::orient::Orientation;
use super::tiff;
use ::exif::{DateTime, In, Rational, Reader, SRational, Tag, Value};
use model::photos::{Place, Shot};
use model::time::days_since_1970;

/// What is read of a photo's EXIF.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Exif {
    pub(super) orientation: Orientation,
    /// Milliseconds of Unix time.
    pub(super) taken_at: Option<i64>,
    /// None where nothing is known.
    pub(super) shot: Option<Shot>,
}

/// The furthest zone from UTC is Kiritimati's, in minutes.
const MOST_OFFSET: i16 = 14 * 60;

/// A name of a camera or lens is cut off here.
const MOST_CHARS: usize = 80;

impl Exif {
    /// Reads a TIFF block. What is missing or broken is left out: no photo is refused for its metadata.
    pub(super) fn read(block: Option<Vec<u8>>) -> Self {
        let Some(mut block) = block else { return Self::default() };
        if block.starts_with(b"Exif\0\0") {
            block.drain(..6);
        }
        if !tiff::is_plain(&block) {
            return Self::default();
        }
        let read = Reader::new().continue_on_error(true).read_raw(block);
        let Ok(fields) = read.or_else(|error| error.distill_partial_result(|_| ())) else {
            return Self::default();
        };
        let orientation = fields
            .get_field(Tag::Orientation, In::PRIMARY)
            .and_then(|field| field.value.get_uint(0));
        let moment = moment(&fields);
        let shot = shot(&fields, moment.as_ref().and_then(|moment| moment.offset));
        Self {
            orientation: Orientation::from_exif(orientation.unwrap_or(1)),
            taken_at: moment.as_ref().and_then(unix_milliseconds),
            shot: (shot != Shot::default()).then_some(shot),
        }
    }
}

fn shot(fields: &::exif::Exif, zone: Option<i16>) -> Shot {
    Shot {
        zone,
        camera: camera(fields),
        lens: name(fields, Tag::LensModel),
        exposure_us: scaled(fields, Tag::ExposureTime, 1e6),
        aperture_hundredths: scaled(fields, Tag::FNumber, 100.0),
        iso: fields
            .get_field(Tag::PhotographicSensitivity, In::PRIMARY)
            .and_then(|field| field.value.get_uint(0))
            .filter(|iso| *iso > 0),
        focal_tenths: scaled(fields, Tag::FocalLength, 10.0),
        place: place(fields),
    }
}

/// Make and model; most models begin with their make.
fn camera(fields: &::exif::Exif) -> Option<String> {
    let (make, model) = (name(fields, Tag::Make), name(fields, Tag::Model));
    match (make, model) {
        (Some(make), Some(model)) => {
            let first = make.split(' ').next().unwrap_or_default().to_lowercase();
            Some(if model.to_lowercase().starts_with(&first) {
                model
            } else {
                format!("{make} {model}")
            })
        }
        (make, model) => model.or(make),
    }
}

/// Printable, without the blanks that cameras fill their fields with.
fn name(fields: &::exif::Exif, tag: Tag) -> Option<String> {
    let printable = String::from_utf8_lossy(text(fields, tag)?)
        .chars()
        .filter(|c| !c.is_control())
        .take(MOST_CHARS)
        .collect::<String>();
    let name = printable.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// A positive number in smaller units, where it is one that makes sense.
fn scaled(fields: &::exif::Exif, tag: Tag, units: f64) -> Option<u32> {
    let number = match &fields.get_field(tag, In::PRIMARY)?.value {
        Value::Rational(numbers) => numbers.first()?.to_f64(),
        Value::SRational(numbers) => numbers.first().map(SRational::to_f64)?,
        _ => return None,
    };
    let units = (number * units).round();
    (units >= 1.0 && units <= f64::from(u32::MAX)).then_some(units as u32)
}

fn place(fields: &::exif::Exif) -> Option<Place> {
    let latitude = degrees(fields, Tag::GPSLatitude, Tag::GPSLatitudeRef, (b"N", b"S"), 90.0)?;
    let longitude = degrees(fields, Tag::GPSLongitude, Tag::GPSLongitudeRef, (b"E", b"W"), 180.0)?;
    // Where a receiver had no position, many cameras write zeros.
    if (latitude, longitude) == (0, 0) {
        return None;
    }
    let below = fields
        .get_field(Tag::GPSAltitudeRef, In::PRIMARY)
        .and_then(|field| field.value.get_uint(0))
        == Some(1);
    let altitude = scaled(fields, Tag::GPSAltitude, 1.0).and_then(|metres| i32::try_from(metres).ok());
    Some(Place {
        latitude,
        longitude,
        altitude: altitude.map(|metres| if below { -metres } else { metres }),
    })
}

/// Degrees, minutes and seconds as ten-millionths of a degree.
fn degrees(fields: &::exif::Exif, tag: Tag, reference: Tag, (positive, negative): (&[u8], &[u8]), most: f64) -> Option<i32> {
    let parts: Vec<f64> = match &fields.get_field(tag, In::PRIMARY)?.value {
        Value::Rational(parts) => parts.iter().map(Rational::to_f64).collect(),
        Value::SRational(parts) => parts.iter().map(SRational::to_f64).collect(),
        _ => return None,
    };
    let part = |at: usize| parts.get(at).copied().unwrap_or(0.0);
    let degrees = part(0) + part(1) / 60.0 + part(2) / 3600.0;
    if !(0.0..=most).contains(&degrees) {
        return None;
    }
    // Without its hemisphere a number is two places.
    let sign = match text(fields, reference)?.trim_ascii() {
        said if said.eq_ignore_ascii_case(negative) => -1.0,
        said if said.eq_ignore_ascii_case(positive) => 1.0,
        _ => return None,
    };
    Some((sign * degrees * 1e7).round() as i32)
}

/// The moment of exposure, or else of digitising. `Tag::DateTime` is left alone: it is when the file was last changed.
fn moment(fields: &::exif::Exif) -> Option<DateTime> {
    [
        (Tag::DateTimeOriginal, Tag::SubSecTimeOriginal, Tag::OffsetTimeOriginal),
        (Tag::DateTimeDigitized, Tag::SubSecTimeDigitized, Tag::OffsetTimeDigitized),
    ]
    .into_iter()
    .find_map(|(date, fraction, offset)| {
        let mut moment = date_time(text(fields, date)?)?;
        if let Some(fraction) = text(fields, fraction) {
            let _ = moment.parse_subsec(fraction);
        }
        if let Some(offset) = text(fields, offset) {
            let _ = moment.parse_offset(offset);
        }
        // No place is further from UTC; a camera whose zone is wrong still has its clock.
        moment.offset = moment.offset.filter(|minutes| minutes.abs() <= MOST_OFFSET);
        unix_milliseconds(&moment).map(|_| moment)
    })
}

/// A date and time as EXIF wants it, `2017:06:08 13:40:32`, or as some programs write it: with dashes, slashes or dots, with a `T` between
/// date and time, and without seconds. What follows is left alone.
fn date_time(text: &[u8]) -> Option<DateTime> {
    let mut rest = text.trim_ascii_start();
    let mut number = |digits: usize, before: &[u8]| -> Option<u16> {
        let at = rest.iter().position(|byte| !before.contains(byte)).unwrap_or(rest.len());
        let (found, after) = rest[at..].split_at_checked(digits)?;
        let number = std::str::from_utf8(found)
            .ok()
            .filter(|_| found.iter().all(u8::is_ascii_digit))?;
        rest = after;
        number.parse().ok()
    };
    let year = number(4, b"")?;
    let (month, day) = (number(2, b":-/.")?, number(2, b":-/.")?);
    let (hour, minute) = (number(2, b" T")?, number(2, b":.")?);
    let second = number(2, b":.").unwrap_or(0);
    Some(DateTime {
        year,
        month: month as u8,
        day: day as u8,
        hour: hour as u8,
        minute: minute as u8,
        second: second as u8,
        nanosecond: None,
        offset: None,
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn milliseconds(date: &[u8], offset: Option<&[u8]>) -> Option<i64> {
        let mut moment = date_time(date).unwrap();
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
    fn dates_are_read_as_programs_write_them() {
        let usual = milliseconds(b"2017:06:08 13:40:32", None);
        for date in [
            &b"2017-06-08 13:40:32"[..],
            b"2017/06/08 13:40:32",
            b"2017.06.08 13.40.32",
            b"2017-06-08T13:40:32Z",
            b"2017:06:08  13:40:32.5",
            b"  2017:06:08 13:40:32\0",
        ] {
            assert_eq!(milliseconds(date, None), usual, "{}", String::from_utf8_lossy(date));
        }
        assert_eq!(
            milliseconds(b"2004:04:07 12:05", None),
            milliseconds(b"2004:04:07 12:05:00", None)
        );
        for date in [
            &b""[..],
            b"2017",
            b"2017:06:08",
            b"    :  :     :  :  ",
            b"17:06:08 13:40:32",
            b"2017:6:8 13:40:32",
        ] {
            assert!(date_time(date).is_none(), "{}", String::from_utf8_lossy(date));
        }
    }

    #[test]
    fn broken_metadata_is_left_out() {
        for block in [&b""[..], b"Exif\0\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"] {
            assert_eq!(Exif::read(Some(block.to_vec())), Exif::default());
        }
    }
}
