//! When a photo was taken: by its metadata, or else its file, or else its upload.

use super::name_date::{NameDate, date_in_name};
use super::records::PhotoRecord;
use imaging::Inspection;
use model::photos::{DateSource, FURTHEST_ZONE, Modified, Shot};
use model::time::{Day, Time};

/// Seconds that the clock of a camera or a file may be ahead of ours: two days.
const AHEAD_SECONDS: i64 = 2 * 86_400;

/// 1 January 1980: the epoch of DOS file systems.
const DOS_EPOCH: Day = Day(3652);

/// A date, its time zone in minutes, and its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dated {
    at: Time,
    zone: Option<i16>,
    source: DateSource,
}

impl Dated {
    /// The local time.
    fn wall(&self) -> Time {
        at_zone(self.at, self.zone)
    }
}

fn at_zone(at: Time, zone: Option<i16>) -> Time {
    at.plus_seconds(i64::from(zone.unwrap_or(0)) * 60)
}

impl PhotoRecord {
    /// Sets its date, zone and camera data from an inspection. Deterministic: a repeated inspection gives the same.
    pub(super) fn date(&mut self, found: &Inspection) {
        let shot = found.shot.clone().unwrap_or_default();
        let upload = Upload {
            name: &self.name,
            modified: self.modified,
            at: self.history.first().map_or(self.taken_at, |step| step.at),
            zone: self.upload_zone,
        };
        let dated = dated_by_metadata(found, upload.at).unwrap_or_else(|| dated_by_file(&upload));
        let shot = Shot {
            zone: dated.zone,
            ..shot
        };
        self.shot = (shot != Shot::default()).then_some(shot);
        self.taken_at = dated.at;
        self.date_source = Some(dated.source);
    }
}

/// What the uploading device reported of a file.
struct Upload<'a> {
    name: &'a str,
    modified: Option<Modified>,
    /// When it was granted.
    at: Time,
    /// The device's zone at that moment.
    zone: Option<i16>,
}

/// A date far in the future is ignored; by another time zone it may be hours ahead.
fn dated_by_metadata(found: &Inspection, uploaded_at: Time) -> Option<Dated> {
    let at = Time(found.taken_at?);
    let dated = Dated {
        at,
        zone: found.shot.as_ref().and_then(|shot| shot.zone),
        source: DateSource::Metadata,
    };
    (at <= uploaded_at.plus_seconds(AHEAD_SECONDS)).then_some(dated)
}

/// No photo is taken after its file was last modified, and a copy of a file is modified later: the earlier date counts.
fn dated_by_file(upload: &Upload) -> Dated {
    let uploaded = Dated {
        at: upload.at,
        zone: upload.zone,
        source: DateSource::Uploaded,
    };
    let modified = upload.modified.and_then(|modified| dated_by_modified(modified, upload.at));
    // In the photo's time zone it may be tomorrow already.
    let latest = Day::of(at_zone(upload.at, Some(FURTHEST_ZONE)));
    let Some(name) = date_in_name(upload.name, latest) else {
        return modified.unwrap_or(uploaded);
    };
    let named = dated_by_name(name, modified.unwrap_or(uploaded).zone);
    let earlier = modified.filter(|modified| match name {
        // The file's date adds the time to the day in its name.
        NameDate::Day(day) => Day::of(modified.wall()) <= day,
        NameDate::Wall(_) | NameDate::Utc(_) => modified.wall() <= named.wall(),
    });
    earlier.unwrap_or(named)
}

/// The modification date of a file, unless it is from a clock that was never set, or far in the future.
fn dated_by_modified(modified: Modified, uploaded_at: Time) -> Option<Dated> {
    let dated = Dated {
        at: modified.at,
        zone: Some(modified.zone),
        source: DateSource::FileModified,
    };
    let plausible = Day::of(dated.wall()) > DOS_EPOCH && dated.at <= uploaded_at.plus_seconds(AHEAD_SECONDS);
    plausible.then_some(dated)
}

fn dated_by_name(name: NameDate, zone: Option<i16>) -> Dated {
    let (at, zone, source) = match name {
        NameDate::Day(day) => (day.begins().plus_seconds(12 * 3600), None, DateSource::FileNameDay),
        NameDate::Wall(wall) => (wall, None, DateSource::FileName),
        NameDate::Utc(at) => (at, zone, DateSource::FileName),
    };
    Dated { at, zone, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A time in UTC.
    fn utc(day: &str, hour: i64, minute: i64) -> Time {
        let day: Day = day.parse().expect("a day");
        day.begins().plus_seconds((hour * 60 + minute) * 60)
    }

    /// The date of a file that is uploaded in Tokyo, where 30 November 2026 has just begun.
    fn dated(name: &str, modified: Option<(Time, i16)>) -> (Time, Option<i16>, DateSource) {
        let dated = dated_by_file(&Upload {
            name,
            modified: modified.map(|(at, zone)| Modified { at, zone }),
            at: utc("2026-11-29", 15, 30),
            zone: Some(540),
        });
        (dated.at, dated.zone, dated.source)
    }

    fn uploaded() -> (Time, Option<i16>, DateSource) {
        (utc("2026-11-29", 15, 30), Some(540), DateSource::Uploaded)
    }

    #[test]
    fn the_modification_date_is_in_the_zone_of_that_time() {
        let at = utc("2019-04-06", 20, 0);
        let (at, zone, source) = dated("beach.jpg", Some((at, 540)));
        assert_eq!((zone, source), (Some(540), DateSource::FileModified));
        assert_eq!(Day::of(at_zone(at, zone)).to_string(), "2019-04-07");
    }

    #[test]
    fn without_other_dates_the_upload_counts_in_its_zone() {
        assert_eq!(dated("beach.jpg", None), uploaded());
    }

    #[test]
    fn a_modification_date_by_a_wrong_clock_is_ignored() {
        let minute = |at: Time, minutes: i64| at.plus_seconds(minutes * 60);
        let now = utc("2026-11-29", 15, 30);
        let dos = utc("1980-01-01", 0, 0);
        for (at, zone) in [
            (Time(0), 0),
            (Time(0), 540),
            (Time(0), -540),
            (Time(-1), 0),
            (Time(i64::MIN), -840),
            (Time(i64::MAX), 840),
            (dos, 0),
            // The same by clocks in Tokyo and New York.
            (minute(dos, -540), 540),
            (minute(dos, 300), -300),
            (minute(dos, 300 + 1439), -300),
            (now.plus_seconds(AHEAD_SECONDS + 1), 540),
        ] {
            assert_eq!(dated("beach.jpg", Some((at, zone))), uploaded(), "{at:?} {zone}");
        }
        for at in [minute(dos, 1440), now.plus_seconds(AHEAD_SECONDS)] {
            assert_eq!(dated("beach.jpg", Some((at, 0))), (at, Some(0), DateSource::FileModified));
        }
    }

    #[test]
    fn the_earlier_of_modification_date_and_date_in_the_name_counts() {
        let name = "Screenshot_2015-08-23-01-22-44.jpg";
        let named = (utc("2015-08-23", 1, 22).plus_seconds(44), None, DateSource::FileName);
        assert_eq!(dated(name, None), named);
        assert_eq!(dated(name, Some((utc("2020-01-01", 0, 0), 540))), named, "a copy");
        // 01:22 on 23 August in Tokyo.
        let same_minute = utc("2015-08-22", 16, 22);
        assert_eq!(
            dated(name, Some((same_minute, 540))),
            (same_minute, Some(540), DateSource::FileModified)
        );
        let before = utc("2014-01-01", 0, 0);
        assert_eq!(dated(name, Some((before, 60))), (before, Some(60), DateSource::FileModified));
        assert_eq!(dated(name, Some((Time(0), 60))), named);
    }

    #[test]
    fn the_modification_date_adds_the_time_to_a_day_in_the_name() {
        let name = "IMG-20190407-WA0003.jpg";
        let noon = (utc("2019-04-07", 12, 0), None, DateSource::FileNameDay);
        assert_eq!(dated(name, None), noon);
        let evening = utc("2019-04-07", 19, 30);
        assert_eq!(
            dated(name, Some((evening, 120))),
            (evening, Some(120), DateSource::FileModified)
        );
        assert_eq!(dated(name, Some((evening, 540))), noon, "in Tokyo it was the next day");
    }

    #[test]
    fn a_name_in_utc_gets_the_zone_of_the_file_or_the_upload() {
        let name = "PXL_20240517_180309123.jpg";
        let at = utc("2024-05-17", 18, 3).plus_seconds(9);
        assert_eq!(dated(name, None), (at, Some(540), DateSource::FileName));
        let written = at.plus_seconds(1);
        assert_eq!(dated(name, Some((written, 120))), (at, Some(120), DateSource::FileName));
    }

    #[test]
    fn a_date_in_the_name_may_be_tomorrow_by_time_zone_and_no_later() {
        assert_eq!(dated("20261130_001500.jpg", None).2, DateSource::FileName);
        assert_eq!(dated("20261201_001500.jpg", None), uploaded());
    }
}
