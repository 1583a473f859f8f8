//! How many photos each day of a library has: a row a month, counted from the table's stream.

use super::records::PhotoRecord;
use crate::albums::access::OpenLibrary;
use crate::aws::table::{Key, Table, Together};
use crate::failure::Failure;
use model::ids::AccountId;
use model::time::Day;
use model::timeline::DayCount;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Months that have photos: a hundred years of them. Of those before, photos are on the timeline but not counted here.
const MOST_MONTHS: i32 = 1200;

/// A month's counts, by `d1` to `d31`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct MonthRecord {
    sk: String,
    #[serde(flatten)]
    counts: BTreeMap<String, serde_json::Value>,
}

/// Where a day is counted: its month's row, and the number in it.
fn counted_at(library: &AccountId, day: Day) -> (Key, String) {
    let (year, month, day) = day.civil();
    let key = Key::new(format!("LIBRARY#{library}"), format!("MONTH#{year:04}-{month:02}"));
    (key, format!("d{day}"))
}

/// The writes that count a photo where it is now, and no more where it was.
///
/// # Errors
/// When a write cannot be prepared.
pub fn count_updates(table: &Table, was: Option<&PhotoRecord>, is: &PhotoRecord) -> Result<Vec<Together>, Failure> {
    let place = |photo: &PhotoRecord| photo.day().map(|day| counted_at(&photo.library, day));
    let (was, is) = (was.and_then(place), place(is));
    if was == is {
        return Ok(vec![]);
    }
    match (was, is) {
        // A transaction writes a row once.
        (Some((key, from)), Some((to_key, to))) if key == to_key => {
            Ok(vec![table.add(&key, &[(&from, -1, None), (&to, 1, None)])?])
        }
        (was, is) => was
            .map(|place| (place, -1))
            .into_iter()
            .chain(is.map(|place| (place, 1)))
            .map(|((key, day), by)| table.add(&key, &[(&day, by, None)]))
            .collect(),
    }
}

/// The days of a library that have photos, newest first.
///
/// # Errors
/// When the table cannot be read.
pub async fn days(table: &Table, library: &OpenLibrary) -> Result<Vec<DayCount>, Failure> {
    let pk = format!("LIBRARY#{}", library.account());
    let months = table
        .newest_between::<MonthRecord>(&pk, "MONTH#", "MONTH#~", MOST_MONTHS)
        .await?;
    Ok(months.items.iter().flat_map(MonthRecord::days).collect())
}

impl MonthRecord {
    fn days(&self) -> Vec<DayCount> {
        let month = self.sk.trim_start_matches("MONTH#");
        let day = |number: u32| {
            let count = self.counts.get(&format!("d{number}"))?.as_i64()?;
            let day = format!("{month}-{number:02}").parse().ok()?;
            Some(DayCount(day, u32::try_from(count).ok().filter(|count| *count > 0)?))
        };
        (1..=31).rev().filter_map(day).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_month_tells_its_days_newest_first_and_none_that_is_empty() {
        let row = json!({ "pk": "LIBRARY#a", "sk": "MONTH#2018-06", "d1": 3, "d23": 1, "d24": 0, "d31": 5 });
        let month: MonthRecord = serde_json::from_value(row).unwrap();
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(month.days(), [DayCount(day("2018-06-23"), 1), DayCount(day("2018-06-01"), 3)]);
    }
}
