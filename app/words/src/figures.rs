//! Dates and sizes, as people write them.

use model::photos::Size;
use model::time::Time;

/// A picture's size.
pub fn dimensions(size: Size) -> String {
    format!("{} × {}", grouped(size.width), grouped(size.height))
}

/// A file's size.
pub fn file_size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")];
    match UNITS.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => {
            let tenths = bytes.saturating_mul(10) / unit;
            if tenths >= 100 || tenths.is_multiple_of(10) {
                format!("{} {name}", tenths / 10)
            } else {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            }
        }
        None => format!("{bytes} bytes"),
    }
}

/// A day, in UTC so that server and browser say the same.
pub fn date(time: Time) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let text = time.rfc3339();
    let mut parts = text.split(['-', 'T']);
    let (year, month, day) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let month = month
        .parse::<usize>()
        .ok()
        .and_then(|month| MONTHS.get(month.wrapping_sub(1)))
        .unwrap_or(&"");
    format!("{} {month} {year}", day.trim_start_matches('0'))
}

/// A day and a time of day.
pub fn moment(time: Time) -> String {
    let text = time.rfc3339();
    let clock = text
        .split_once('T')
        .map(|(_, clock)| clock.trim_end_matches('Z'))
        .unwrap_or_default();
    format!("{}, {clock} UTC", date(time))
}

pub(crate) fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{date, dimensions, file_size, moment};
    use model::accounts::Usage;
    use model::photos::Size;
    use model::time::Time;

    #[test]
    fn tells_dates_and_sizes_as_people_do() {
        assert_eq!(date(Time(1_709_208_000_000)), "29 February 2024");
        assert_eq!(moment(Time(0)), "1 January 1970, 00:00:00 UTC");
        assert_eq!(
            dimensions(Size {
                width: 50_000,
                height: 999
            }),
            "50,000 × 999"
        );
        assert_eq!(file_size(64 << 20), "64 MB");
        assert_eq!(file_size(3_565_158), "3.3 MB");
        assert_eq!(file_size(12), "12 bytes");
        let usage = Usage {
            bytes: 3_435_973_837,
            photos: 1812,
            quota: 50 << 30,
        };
        assert_eq!(crate::usage(&usage), "3.2 GB of 50 GB, 1,812 photos");
    }
}
