//! Formatting of dates, sizes and other figures.

use model::photos::{DateSource, Photo, Place, Shot, Size};
use model::time::{Day, Time};

/// An image's dimensions.
pub fn dimensions(size: Size) -> String {
    format!("{} × {}", grouped(size.width), grouped(size.height))
}

/// Exposure time, aperture, sensitivity and focal length, as far as they are known. Numbers and units do not wrap.
pub fn exposure(shot: &Shot) -> String {
    let tenths = |tenths: u32| match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, rest) => format!("{whole}.{rest}"),
    };
    // 0.4 s and more in seconds, less as a fraction, as on cameras.
    let seconds = |us: u32| match us {
        400_000.. => format!("{}\u{a0}s", tenths(us.saturating_add(50_000) / 100_000)),
        _ => format!("1/{}\u{a0}s", (1_000_000 + us / 2) / us.max(1)),
    };
    let known = [
        shot.exposure_us.map(seconds),
        shot.aperture_hundredths
            .map(|hundredths| format!("ƒ/{}", tenths((hundredths + 5) / 10))),
        shot.iso.map(|iso| format!("ISO\u{a0}{iso}")),
        shot.focal_tenths.map(|focal| format!("{}\u{a0}mm", tenths(focal))),
    ];
    known.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Coordinates, as maps write them.
pub fn place(place: Place) -> String {
    let degrees = |value: i32, positive: &str, negative: &str| {
        let tens_of_thousandths = (value.unsigned_abs() + 500) / 1000;
        let hemisphere = if value < 0 { negative } else { positive };
        format!(
            "{}.{:04}°\u{a0}{hemisphere}",
            tens_of_thousandths / 10_000,
            tens_of_thousandths % 10_000
        )
    };
    let [latitude, longitude] = [degrees(place.latitude, "N", "S"), degrees(place.longitude, "E", "W")];
    match place.altitude {
        Some(metres) => format!("{latitude}, {longitude}, {metres}\u{a0}m"),
        None => format!("{latitude}, {longitude}"),
    }
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

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn name_of_month(month: u32) -> &'static str {
    MONTHS.get((month as usize).wrapping_sub(1)).copied().unwrap_or_default()
}

/// A date, in UTC so that server and browser format it alike.
pub fn date(time: Time) -> String {
    day(Day::of(time))
}

/// A date.
pub fn day(day: Day) -> String {
    let (year, month, number) = day.civil();
    format!("{number} {} {year}", name_of_month(month))
}

/// The month of a day.
pub fn month(day: Day) -> String {
    let (year, month, _) = day.civil();
    format!("{} {year}", name_of_month(month))
}

/// A photo's local date, as far as it is known: with the time zone if there is one, and without a time if only the day is known.
pub fn taken(photo: &Photo) -> String {
    let wall = photo.wall();
    let (text, of_day) = (wall.rfc3339(), Day::of(wall));
    let clock = text.get(11..16).unwrap_or_default();
    let weekday = WEEKDAYS.get(of_day.weekday()).copied().unwrap_or_default();
    if photo.date_source == DateSource::FileNameDay {
        return format!("{weekday}, {}", day(of_day));
    }
    match photo.zone() {
        Some(minutes) => format!("{weekday}, {}, {clock} {}", day(of_day), zone(minutes)),
        None => format!("{weekday}, {}, {clock}", day(of_day)),
    }
}

fn zone(minutes: i16) -> String {
    let sign = if minutes < 0 { '−' } else { '+' };
    match (minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, rest) => format!("UTC{sign}{hours}:{rest:02}"),
    }
}

/// A date and time.
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
    use super::{date, dimensions, exposure, file_size, moment, place};
    use model::accounts::Usage;
    use model::photos::{Place, Shot, Size};
    use model::time::Time;

    #[test]
    fn exposures_and_coordinates_are_formatted() {
        let shot = Shot {
            exposure_us: Some(4000),
            aperture_hundredths: Some(560),
            iso: Some(100),
            focal_tenths: Some(240),
            ..Shot::default()
        };
        assert_eq!(exposure(&shot), "1/250\u{a0}s · ƒ/5.6 · ISO\u{a0}100 · 24\u{a0}mm");
        let slow = Shot {
            exposure_us: Some(2_500_000),
            ..Shot::default()
        };
        assert_eq!(exposure(&slow), "2.5\u{a0}s");
        assert_eq!(exposure(&Shot::default()), "");
        let peak = Place {
            latitude: 431_900_000,
            longitude: -48_500_000,
            altitude: Some(1530),
        };
        assert_eq!(place(peak), "43.1900°\u{a0}N, 4.8500°\u{a0}W, 1530\u{a0}m");
    }

    #[test]
    fn zones_and_days_are_formatted() {
        assert_eq!(super::zone(120), "UTC+2");
        assert_eq!(super::zone(-210), "UTC−3:30");
        assert_eq!(super::zone(0), "UTC");
        let june = "2018-06-23".parse().unwrap();
        assert_eq!(
            (super::day(june), super::month(june)),
            ("23 June 2018".into(), "June 2018".into())
        );
    }

    #[test]
    fn dates_and_sizes_are_formatted() {
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
            most_photos: 200_000,
        };
        assert_eq!(crate::usage(&usage), "3.2 GB of 50 GB, 1,812 photos");
    }
}
