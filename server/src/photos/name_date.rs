//! The date in a file's name, as cameras, messengers and screenshots write it.

use model::time::{DAY_MS, Day, Time};
use regex_lite::{Captures, Regex};
use std::sync::LazyLock;

/// The earliest year that counts as a date: digital cameras are no older.
const FIRST_YEAR: i64 = 1990;

/// The date in a file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameDate {
    /// A day.
    Day(Day),
    /// A local time in an unknown zone.
    Wall(Time),
    /// A time in UTC.
    Utc(Time),
}

/// The first valid date in a name, from 1990 to `latest`: other numbers look like dates by chance.
pub fn date_in_name(name: &str, latest: Day) -> Option<NameDate> {
    let forms = [&*HYPHENS, &*DIGITS, &*ONE_NUMBER];
    let mut dates = forms.into_iter().flat_map(|form| form.captures_iter(name));
    let (day, time) = dates.find_map(|found| {
        let day = day_of(&found).filter(|day| day.civil().0 >= FIRST_YEAR && *day <= latest)?;
        Some((day, time_of(&found)?))
    })?;
    Some(match time {
        TimeOfDay::Unknown => NameDate::Day(day),
        // Only Pixel phones use UTC in names.
        TimeOfDay::Known(ms) if name.starts_with("PXL_") => NameDate::Utc(Time(day.begins().0 + ms)),
        TimeOfDay::Known(ms) => NameDate::Wall(Time(day.begins().0 + ms)),
    })
}

/// `2019-04-07`, alone or followed by a time: `-10-11-12`, `_101112`, ` at 9.11.12 PM` or the same in other languages.
static HYPHENS: LazyLock<Regex> = LazyLock::new(|| {
    compiled(concat!(
        r"(?:^|[^0-9])(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})",
        r"(?:(?:[-_T ]| [^0-9 ]+ )",
        r"(?:(?<hour>\d{1,2})[-._:](?<minute>\d{2})[-._:](?<second>\d{2})",
        r"|(?<hour6>\d{2})(?<minute6>\d{2})(?<second6>\d{2})(?:\d{3})?)",
        r"(?:[ \u{a0}\u{202f}]?(?<meridiem>[AaPp])[Mm]\b)?)?",
        r"(?:[^0-9]|$)",
    ))
});

/// `20190407`, followed by a time, such as `_101112`, `-101112345` or `_10_11_12`, or by WhatsApp's suffix.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    compiled(concat!(
        r"(?:^|[^0-9])(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})",
        r"(?:-WA\d{4,}|[-_](?<hour>\d{2})_?(?<minute>\d{2})_?(?<second>\d{2})(?:\d{3})?)",
        r"(?:[^0-9]|$)",
    ))
});

/// `IMG20190407101112`. Without the prefix of phones, such a number can mean anything.
static ONE_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(concat!(
        r"(?:IMG|VID|BURST)(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})",
        r"(?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2})",
        r"(?:[^0-9]|$)",
    ))
});

#[expect(clippy::expect_used, reason = "the patterns are written above, and the tests compile them")]
fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern")
}

fn day_of(found: &Captures) -> Option<Day> {
    format!("{}-{}-{}", &found["year"], &found["month"], &found["day"])
        .parse()
        .ok()
}

enum TimeOfDay {
    Unknown,
    /// Milliseconds since midnight.
    Known(i64),
}

/// None for an invalid time: then the date before it is by chance, too.
fn time_of(found: &Captures) -> Option<TimeOfDay> {
    let number = |names: [&str; 2]| -> Option<i64> {
        let digits = names.into_iter().find_map(|name| found.name(name))?;
        digits.as_str().parse().ok()
    };
    let Some(hour) = number(["hour", "hour6"]) else {
        return Some(TimeOfDay::Unknown);
    };
    let (minute, second) = (number(["minute", "minute6"])?, number(["second", "second6"])?);
    let hour = match found.name("meridiem").map(|meridiem| meridiem.as_str()) {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some("P" | "p") => hour % 12 + 12,
        Some(_) => hour % 12,
    };
    let ms = ((hour * 60 + minute) * 60 + second) * 1000;
    (hour < 24 && minute < 60 && second < 60 && ms < DAY_MS).then_some(TimeOfDay::Known(ms))
}

#[cfg(test)]
mod tests {
    use super::{NameDate, date_in_name};
    use model::time::{Day, Time};

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    /// Parses a day, optionally with a time, and `Z` for UTC.
    fn expected(text: &str) -> NameDate {
        let Some((date, time)) = text.split_once(' ') else {
            return NameDate::Day(day(text));
        };
        let mut parts = time
            .trim_end_matches('Z')
            .split(':')
            .map(|part| part.parse::<i64>().expect("a number"));
        let mut part = || parts.next().expect("three parts");
        let at = day(date).begins().plus_seconds(part() * 3600 + part() * 60 + part());
        let read: fn(Time) -> NameDate = if time.ends_with('Z') { NameDate::Utc } else { NameDate::Wall };
        read(at)
    }

    #[test]
    fn names_of_cameras_messengers_and_screenshots_are_read() {
        for (name, date) in [
            ("IMG-20190407-WA0003.jpg", "2019-04-07"),
            ("IMG-20190407-WA0003 (1).jpg", "2019-04-07"),
            ("VID-20190407-WA0003.mp4", "2019-04-07"),
            ("VID-20190407-WA0003", "2019-04-07"),
            ("Screenshot_2015-08-23-01-22-44.jpg", "2015-08-23 01:22:44"),
            (
                "Screenshot_2015-08-23-01-22-44-123_com.example.app.png",
                "2015-08-23 01:22:44",
            ),
            ("Screenshot 2024-01-16 at 21.16.15.png", "2024-01-16 21:16:15"),
            ("Screenshot 2024-01-16 at 9.16.15\u{202f}PM.png", "2024-01-16 21:16:15"),
            ("Screen Shot 2020-05-08 at 12.10.11 AM.png", "2020-05-08 00:10:11"),
            ("Screen Shot 2020-05-08 at 12.10.11 PM (2).png", "2020-05-08 12:10:11"),
            ("Bildschirmfoto 2024-01-16 um 21.16.15.png", "2024-01-16 21:16:15"),
            ("Capture d’écran 2024-01-16 à 21.16.15.png", "2024-01-16 21:16:15"),
            ("Screenshot_20200508-091011.png", "2020-05-08 09:10:11"),
            ("Screenshot_20200508-091011~2.png", "2020-05-08 09:10:11"),
            ("Screenshot_20200508_091011_Browser.jpg", "2020-05-08 09:10:11"),
            ("PXL_20240517_180309123.jpg", "2024-05-17 18:03:09Z"),
            ("PXL_20240517_180309123.NIGHT.jpg", "2024-05-17 18:03:09Z"),
            ("IMG_20190407_101112.jpg", "2019-04-07 10:11:12"),
            ("IMG_20190407_101112_HDR.jpg", "2019-04-07 10:11:12"),
            ("IMG_20190407_101112345.jpg", "2019-04-07 10:11:12"),
            ("MVIMG_20190407_101112.jpg", "2019-04-07 10:11:12"),
            ("IMG20190407101112.jpg", "2019-04-07 10:11:12"),
            ("00001IMG_00001_BURST20171111030039.jpg", "2017-11-11 03:00:39"),
            ("20190407_101112.jpg", "2019-04-07 10:11:12"),
            ("20190407_101112(0).jpg", "2019-04-07 10:11:12"),
            ("WIN_20200508_09_10_11_Pro.jpg", "2020-05-08 09:10:11"),
            ("2019-04-07 10.11.12.jpg", "2019-04-07 10:11:12"),
            ("2019-04-07 10.11.12-1.jpg", "2019-04-07 10:11:12"),
            ("signal-2020-05-08-091011.jpg", "2020-05-08 09:10:11"),
            ("signal-2020-05-08-09-10-11-123.jpg", "2020-05-08 09:10:11"),
            ("photo_2020-05-08_09-10-11.jpg", "2020-05-08 09:10:11"),
            ("photo_2020-05-08_09-10-11 (2).jpg", "2020-05-08 09:10:11"),
            ("WhatsApp Image 2020-05-08 at 09.10.11.jpeg", "2020-05-08 09:10:11"),
            ("WhatsApp Image 2020-05-08 at 9.10.11 PM.jpeg", "2020-05-08 21:10:11"),
            ("WhatsApp Image 2020-05-08 at 09.10.11_1a2b3c4d.jpg", "2020-05-08 09:10:11"),
            ("Copy of IMG_20190407_101112.jpg", "2019-04-07 10:11:12"),
            ("2019-04-07.jpg", "2019-04-07"),
            ("Birthday 2019-04-07 2.jpg", "2019-04-07"),
            ("2019-04-07 12345.jpg", "2019-04-07"),
            ("2000-02-29.jpg", "2000-02-29"),
            ("1990-01-01.jpg", "1990-01-01"),
            ("20239999_101112 2019-04-07.jpg", "2019-04-07"),
        ] {
            assert_eq!(date_in_name(name, day("2026-11-30")), Some(expected(date)), "{name}");
        }
    }

    #[test]
    fn other_numbers_are_not_dates() {
        for name in [
            "",
            "beach.jpg",
            "IMG_0001.jpg",
            "DSC_20190407.jpg",
            "20190407.jpg",
            "IMG_20190407.jpg",
            "120190407_101112.jpg",
            "20190407_1011123456.jpg",
            "20190407_10111.jpg",
            "20190407101112.jpg",
            "IMG201904071011123.jpg",
            "IMG-120190407-WA0003.jpg",
            "12019-04-07.jpg",
            "2019-04-071.jpg",
            "2019-4-7.jpg",
            "19-04-07.jpg",
            "2019-13-07.jpg",
            "2019-04-31.jpg",
            "2019-02-29 10.11.12.jpg",
            "2019-00-07.jpg",
            "2019-04-00.jpg",
            "IMG-20190231-WA0003.jpg",
            "20190407_241112.jpg",
            "20190407_106012.jpg",
            "20190407_101160.jpg",
            "Screenshot 2024-01-16 at 13.16.15 PM.png",
            "Screenshot 2024-01-16 at 0.16.15 AM.png",
            "1989-12-31.jpg",
            "19700101_000000.jpg",
            "0000-00-00.jpg",
            "9999-12-31.jpg",
            "20261201_101112.jpg",
            "2027-01-01.jpg",
            "550e8400-e29b-41d4-a716-446655440000.jpg",
            "٢٠١٩-٠٤-٠٧.jpg",
        ] {
            assert_eq!(date_in_name(name, day("2026-11-30")), None, "{name}");
        }
    }
}
