//! Times and days.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// Whole seconds since the epoch.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment and `seconds` more.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// The moment in UTC as RFC 3339 with seconds, for `<time datetime>` and logs.
    pub fn rfc3339(self) -> String {
        let (year, month, day) = civil(self.0.div_euclid(86_400_000));
        let second = self.0.rem_euclid(86_400_000) / 1000;
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    }

    /// The local time without a zone, as in date fields: `2018-06-23T14:05:00`.
    pub fn wall_text(self) -> String {
        self.rfc3339().trim_end_matches('Z').to_owned()
    }

    /// Parses the value of a date field: `2018-06-23T14:05`, or with seconds.
    pub fn from_wall_text(text: &str) -> Option<Self> {
        let (day, clock) = text.split_once('T')?;
        let day: Day = day.parse().ok()?;
        let number = |part: &str, below: i64| {
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<i64>().ok().filter(|number| digits && *number < below)
        };
        let mut parts = clock.split(':');
        let (hour, minute) = (number(parts.next()?, 24)?, number(parts.next()?, 60)?);
        let second = parts.next().map_or(Some(0), |part| number(part, 60))?;
        let seconds = hour * 3600 + minute * 60 + second;
        parts.next().is_none().then(|| day.begins().plus_seconds(seconds))
    }
}

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// A day of the calendar, counted from 1970-01-01. Written as `2018-06-23`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Day(pub i32);

/// The text was not a day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADay;

impl Day {
    /// The day of this date in the Gregorian calendar, in the years 0 to 9999.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let possible = (0..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        let days = possible.then(|| days_since_1970(year, month, day))?;
        // A date that does not exist, such as 30 February, counts as one of the next month.
        (civil(days) == (year, month, day)).then_some(Self(days as i32))
    }

    /// The day that a moment lies in.
    pub fn of(time: Time) -> Self {
        let days = time.0.div_euclid(DAY_MS);
        Self(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }))
    }

    /// Its first moment.
    pub fn begins(self) -> Time {
        Time(i64::from(self.0) * DAY_MS)
    }

    /// Year, month from 1 and day from 1.
    pub fn civil(self) -> (i64, u32, u32) {
        let (year, month, day) = civil(i64::from(self.0));
        (year, month as u32, day as u32)
    }

    /// From 0, Monday.
    pub fn weekday(self) -> usize {
        // The first of January 1970 was a Thursday.
        (i64::from(self.0) + 3).rem_euclid(7) as usize
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl std::str::FromStr for Day {
    type Err = NotADay;
    fn from_str(text: &str) -> Result<Self, NotADay> {
        let mut parts = text.splitn(3, '-');
        let mut number = || parts.next().and_then(|part| part.parse().ok()).ok_or(NotADay);
        let day = Self::new(number()?, number()?, number()?);
        // Signs are parsed, too, and any number of digits.
        day.filter(|day| day.to_string() == text).ok_or(NotADay)
    }
}

/// Days from 1 January 1970 in the Gregorian calendar. The year is taken to begin in March, which puts the leap day last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// Year, month and day of a day number since the epoch, by Howard Hinnant's `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{Day, NotADay, Time};

    #[test]
    fn days_are_parsed_and_formatted_and_have_a_weekday() {
        for text in ["1970-01-01", "2024-02-29", "1900-12-31", "0000-02-29", "9999-12-31"] {
            assert_eq!(text.parse::<Day>().map(|day| day.to_string()), Ok(text.into()));
        }
        for text in [
            "",
            "2023-02-29",
            "2023-13-01",
            "2023-00-01",
            "2023-04-31",
            "2100-02-29",
            "2023-1-1",
            "2023-001-01",
            "+2023-01-01",
            "2023-+1-01",
            "-001-01-01",
            "23-01-01",
            "2023-01-00",
            "2023-01-01x",
            "99999-01-01",
            "9223372036854775807-01-01",
            "2023-01-9223372036854775807",
        ] {
            assert_eq!(text.parse::<Day>(), Err(NotADay), "{text}");
        }
        assert_eq!(Day::of(Time(-1)).to_string(), "1969-12-31");
        assert_eq!("2026-11-25".parse::<Day>().map(Day::weekday), Ok(2));
    }

    #[test]
    fn times_before_and_after_the_epoch_and_on_a_leap_day_are_formatted() {
        assert_eq!(Time(0).rfc3339(), "1970-01-01T00:00:00Z");
        assert_eq!(Time(-1).rfc3339(), "1969-12-31T23:59:59Z");
        assert_eq!(Time(1_709_208_000_000).rfc3339(), "2024-02-29T12:00:00Z");
    }

    #[test]
    fn date_fields_are_parsed_and_formatted() {
        let read = |text: &str| Time::from_wall_text(text).map(Time::wall_text);
        for (text, written) in [
            ("2024-02-29T12:05", "2024-02-29T12:05:00"),
            ("2024-02-29T23:59:58", "2024-02-29T23:59:58"),
            ("0001-01-01T00:00", "0001-01-01T00:00:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(written));
        }
        for text in [
            "",
            "2024-02-29",
            "2024-02-30T12:00",
            "2024-02-29T24:00",
            "2024-02-29T12:60",
            "2024-02-29T12:00:60",
            "2024-02-29T-1:00",
            "2024-02-29T+1:00",
            "2024-02-29T12:00:00Z",
            "2024-02-29T12:00:00:00",
            "2024-02-29T12:00:00.5",
            "20240-02-29T12:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
