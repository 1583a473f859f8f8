//! The number of photos of each day of a library: one row per month, updated from the table's stream.

use super::records::PhotoRecord;
use crate::albums::access::OpenLibrary;
use crate::aws::table::{Key, Page, Table, TransactWrite, keys};
use crate::error::AppError;
use model::ids::AccountId;
use model::time::Day;
use model::timeline::DayCount;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Months that are read: a hundred years. Photos of earlier ones are on the timeline but not counted here.
const MOST_MONTHS: i32 = 1200;

/// A month's counts, by `d1` to `d31`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct MonthRecord {
    sk: String,
    #[serde(flatten)]
    counts: BTreeMap<String, serde_json::Value>,
}

/// The counter of a day: its month's row, and the attribute.
fn counter_of(library: &AccountId, day: Day) -> (Key, String) {
    let (year, month, day) = day.civil();
    (keys::month(library, year, month), format!("d{day}"))
}

/// The writes that move a photo's count from its former day to its current one.
///
/// # Errors
/// When a write cannot be prepared.
pub fn count_updates(table: &Table, was: Option<&PhotoRecord>, is: &PhotoRecord) -> Result<Vec<TransactWrite>, AppError> {
    let counter = |photo: &PhotoRecord| photo.day().map(|day| counter_of(&photo.library, day));
    let (was, is) = (was.and_then(counter), counter(is));
    if was == is {
        return Ok(vec![]);
    }
    match (was, is) {
        // A transaction can write each row only once.
        (Some((key, from)), Some((to_key, to))) if key == to_key => {
            Ok(vec![table.transact_add(&key, &[(&from, -1, None), (&to, 1, None)])?])
        }
        (was, is) => was
            .map(|counter| (counter, -1))
            .into_iter()
            .chain(is.map(|counter| (counter, 1)))
            .map(|((key, day), by)| table.transact_add(&key, &[(&day, by, None)]))
            .collect(),
    }
}

/// The days of a library that have photos, newest first.
///
/// # Errors
/// When the table cannot be read.
pub async fn days(table: &Table, library: &OpenLibrary) -> Result<Vec<DayCount>, AppError> {
    let pk = keys::library_partition(library.account());
    let months: Page<MonthRecord> = table.with_prefix_desc(&pk, keys::MONTH_PREFIX, MOST_MONTHS).await?;
    Ok(months.items.iter().flat_map(MonthRecord::days).collect())
}

impl MonthRecord {
    fn days(&self) -> Vec<DayCount> {
        let month = self.sk.trim_start_matches(keys::MONTH_PREFIX);
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
    fn a_month_lists_its_days_newest_first_without_empty_ones() {
        let row = json!({ "pk": "LIBRARY#a", "sk": "MONTH#2018-06", "d1": 3, "d23": 1, "d24": 0, "d31": 5 });
        let month: MonthRecord = serde_json::from_value(row).unwrap();
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(month.days(), [DayCount(day("2018-06-23"), 1), DayCount(day("2018-06-01"), 3)]);
    }
}
