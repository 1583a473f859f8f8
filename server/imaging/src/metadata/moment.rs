//! Dates in metadata: a local date and time, with an optional UTC offset.

use model::time::Day;

/// In minutes: the zone of Kiritimati.
const MAX_OFFSET: i16 = 14 * 60;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// A valid date and time of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateTime {
    /// Milliseconds since 1970 in local time.
    local: i64,
    /// UTC offset in minutes.
    pub(super) offset: Option<i16>,
}

impl DateTime {
    /// Parses EXIF's format, `2017:06:08 13:40:32`, and its variants: dashes, slashes or dots as separators, `T` between date and time,
    /// no seconds, fractional seconds, and a UTC offset. Ignores what follows. `None` for an invalid date, such as the zeros of a camera
    /// whose clock was never set.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let mut rest = text.trim_ascii_start();
        let date = (
            number(&mut rest, 4, b"")?,
            number(&mut rest, 2, b":-/.")?,
            number(&mut rest, 2, b":-/.")?,
        );
        let (hour, minute) = (number(&mut rest, 2, b" T")?, number(&mut rest, 2, b":.")?);
        let second = number(&mut rest, 2, b":.").unwrap_or(0);
        let fraction = rest.strip_prefix(b".").unwrap_or_default();
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let offset = if digits > 0 { &fraction[digits..] } else { rest };
        Some(
            Self::new(date, (hour, minute, second))?
                .with_fraction(fraction)
                .with_offset(offset),
        )
    }

    /// Parses RFC 1123, 5.2.14, which PNG recommends: `Tue, 16 Jan 2024 21:16:15 +0100`. Ignores named time zones.
    pub(super) fn parse_rfc1123(text: &str) -> Option<Self> {
        let mut words = text
            .split_ascii_whitespace()
            .skip_while(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
        let day = words.next()?.parse().ok()?;
        let month = words.next()?.get(..3)?.to_ascii_lowercase();
        let month = MONTHS.iter().position(|name| **name == month)? as i64 + 1;
        let year = words.next()?.parse().ok().filter(|year| *year >= 1000)?;
        let mut time = words.next()?.splitn(3, ':').map(|number| number.parse().ok());
        let time = (time.next()??, time.next()??, time.next().flatten().unwrap_or(0));
        Some(Self::new((year, month, day), time)?.with_offset(words.next().unwrap_or_default().as_bytes()))
    }

    /// Parses IPTC's `20170608` and `134032+0200`. A date without a time is read as noon.
    pub(crate) fn parse_iptc(date: &[u8], time: &[u8]) -> Option<Self> {
        let mut rest = date;
        let date = (
            number(&mut rest, 4, b"")?,
            number(&mut rest, 2, b"")?,
            number(&mut rest, 2, b"")?,
        );
        let mut rest = time;
        let mut two_digits = || number(&mut rest, 2, b":");
        let time = two_digits().and_then(|hour| Some((hour, two_digits()?, two_digits()?)));
        Some(Self::new(date, time.unwrap_or((12, 0, 0)))?.with_offset(rest))
    }

    fn new((year, month, day): (i64, i64, i64), (hour, minute, second): (i64, i64, i64)) -> Option<Self> {
        let day = Day::new(year, month, day).filter(|_| year > 0)?;
        // The sixtieth is a leap second.
        let valid = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
        valid.then(|| Self {
            local: day.begins().plus_seconds((hour * 60 + minute) * 60 + second).0,
            offset: None,
        })
    }

    /// Adds fractional seconds, unless there are any. Uses three digits.
    pub(super) fn with_fraction(self, digits: &[u8]) -> Self {
        let digits = digits.trim_ascii_start().iter().take_while(|byte| byte.is_ascii_digit());
        let milliseconds = digits
            .chain(b"000")
            .take(3)
            .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        match self.local.rem_euclid(1000) {
            0 => Self {
                local: self.local + milliseconds,
                ..self
            },
            _ => self,
        }
    }

    /// Sets the UTC offset: `+02:00`, `-0530`, `+02` or `Z`. Ignores an invalid one.
    pub(super) fn with_offset(self, text: &[u8]) -> Self {
        let minutes = match text.trim_ascii() {
            [b'Z' | b'z', ..] => Some(0),
            [sign @ (b'+' | b'-'), rest @ ..] => {
                let mut rest = rest;
                let hours = number(&mut rest, 2, b"");
                let minutes = number(&mut rest, 2, b":").unwrap_or(0);
                let sign = if *sign == b'-' { -1 } else { 1 };
                hours
                    .filter(|_| minutes < 60)
                    .map(|hours| sign * (hours * 60 + minutes) as i16)
            }
            _ => None,
        };
        Self {
            offset: minutes.filter(|minutes| minutes.abs() <= MAX_OFFSET).or(self.offset),
            ..self
        }
    }

    /// Milliseconds of Unix time. Without an offset, local time is read as UTC.
    pub(super) fn unix_milliseconds(self) -> i64 {
        self.local - i64::from(self.offset.unwrap_or(0)) * 60_000
    }
}

/// The next number of this many digits, after any of these separators.
fn number(rest: &mut &[u8], digits: usize, separators: &[u8]) -> Option<i64> {
    let start = rest.iter().position(|byte| !separators.contains(byte)).unwrap_or(rest.len());
    let (found, after) = rest[start..].split_at_checked(digits)?;
    let number = found.iter().try_fold(0, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'))
    })?;
    *rest = after;
    Some(number)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn milliseconds(date: &str, offset: &str) -> Option<i64> {
        let date_time = DateTime::parse(date.as_bytes())?;
        Some(date_time.with_offset(offset.as_bytes()).unix_milliseconds())
    }

    #[test]
    fn dates_are_converted_to_unix_time() {
        assert_eq!(milliseconds("1970:01:01 00:00:00", ""), Some(0));
        assert_eq!(milliseconds("2024:02:29 12:00:01", ""), Some(1_709_208_001_000));
        assert_eq!(milliseconds("2024:02:29 12:00:01", "+02:00"), Some(1_709_200_801_000));
        assert_eq!(milliseconds("1969:12:31 23:59:59", ""), Some(-1000));
    }

    #[test]
    fn invalid_dates_are_rejected() {
        for date in [
            "0000:00:00 00:00:00",
            "2023:02:29 00:00:00",
            "2023:13:01 00:00:00",
            "2023:12:32 00:00:00",
            "0000:01:01 00:00:00",
            "2023:12:01 24:00:00",
            "2023:12:01 00:00:61",
        ] {
            assert_eq!(milliseconds(date, ""), None);
        }
        assert_eq!(
            milliseconds("2016:12:31 23:59:60", ""),
            milliseconds("2017:01:01 00:00:00", "")
        );
        assert!(milliseconds("2023:12:31 23:59:59", "").is_some());
    }

    #[test]
    fn variants_of_the_exif_format_are_parsed() {
        let expected = milliseconds("2017:06:08 13:40:32", "");
        for date in [
            "2017-06-08 13:40:32",
            "2017/06/08 13:40:32",
            "2017.06.08 13.40.32",
            "2017-06-08T13:40:32Z",
            "2017-06-08T13:40:32",
            "  2017:06:08  13:40:32\0",
        ] {
            assert_eq!(milliseconds(date, ""), expected, "{date}");
        }
        assert_eq!(milliseconds("2004:04:07 12:05", ""), milliseconds("2004:04:07 12:05:00", ""));
        for date in [
            "",
            "2017",
            "2017:06:08",
            "    :  :     :  :  ",
            "17:06:08 13:40:32",
            "2017:6:8 13:40:32",
        ] {
            assert_eq!(DateTime::parse(date.as_bytes()), None, "{date}");
        }
    }

    #[test]
    fn fractions_and_offsets_are_parsed_inline_and_separately() {
        let inline = DateTime::parse(b"2016-01-28T12:21:20.25+01:00").unwrap();
        assert_eq!((inline.unix_milliseconds() % 1000, inline.offset), (250, Some(60)));
        let plain = DateTime::parse(b"2016:01:28 12:21:20").unwrap();
        assert_eq!(plain.with_fraction(b"25").with_offset(b"+01:00"), inline);
        assert_eq!(plain.with_fraction(b"123456789").unix_milliseconds() % 1000, 123);
        assert_eq!(plain.with_offset(b"-0530").offset, Some(-330));
        assert_eq!(plain.with_offset(b"Z").offset, Some(0));
        for invalid in [&b"+99:00"[..], b"+14:01", b"+2", b"two", b"", b"+02:60"] {
            assert_eq!(plain.with_offset(invalid).offset, None);
        }
    }

    #[test]
    fn rfc_1123_dates_are_parsed() {
        let expected = DateTime::parse(b"2024:01:16 21:16:15+01:00");
        assert_eq!(DateTime::parse_rfc1123("Tue, 16 Jan 2024 21:16:15 +0100"), expected);
        assert_eq!(DateTime::parse_rfc1123("16 January 2024 21:16:15 +0100"), expected);
        let unzoned = DateTime::parse(b"2024:01:16 21:16:00");
        assert_eq!(DateTime::parse_rfc1123("Tue, 16 Jan 2024 21:16 GMT"), unzoned);
        for invalid in [
            "",
            "Tue",
            "16 Jan 24 21:16:15",
            "16 Foo 2024 21:16:15",
            "32 Jan 2024 21:16:15",
            "9223372036854775807 Jan 2024 21:16:15",
            "16 Jan 2024 9223372036854775807:16:15",
            "16 Jan 2024",
            "16 Jän 2024 1:1:1",
        ] {
            assert_eq!(DateTime::parse_rfc1123(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn iptc_dates_and_times_are_combined() {
        let date_time = DateTime::parse_iptc(b"20160128", b"122120+0100").unwrap();
        assert_eq!(Some(date_time), DateTime::parse(b"2016:01:28 12:21:20+01:00"));
        let day = DateTime::parse_iptc(b"20160128", b"").unwrap();
        assert_eq!(Some(day), DateTime::parse(b"2016:01:28 12:00:00"));
        assert_eq!(DateTime::parse_iptc(b"2016", b"122120"), None);
    }
}
