//! Changing a row that others may change at the same moment.

use super::{Attributes, Given, Key, REVISION, Row, Table, shape};
use crate::failure::Failure;
use model::refusals::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How often a write is tried when others write the same row.
const TRIES: u32 = 10;

impl Table {
    /// Reads a row and writes what follows from it on the revision that was read; where another was first, again on what they left.
    /// Answers what was written.
    ///
    /// `next` is told the row, if there is one, and the revision that the next has; it answers `None` where nothing is to be written.
    ///
    /// # Errors
    /// What `next` says; [`Refusal::TooMany`] where others were first each time.
    pub async fn change<T: Serialize + DeserializeOwned>(
        &self,
        key: &Key,
        mut next: impl FnMut(Option<T>, u64) -> Result<Option<T>, Failure>,
    ) -> Result<Option<T>, Failure> {
        for _ in 0..TRIES {
            let there = self.get_item(key).await?;
            let read = there.as_ref().map(revision);
            let Some(item) = next(there.map(shape).transpose()?, read.unwrap_or(0) + 1)? else {
                return Ok(None);
            };
            let row = Row {
                key: key.clone(),
                item: &item,
                given: read.map_or(Given::Absent, Given::Revision),
            };
            if self.put(row).await? {
                return Ok(Some(item));
            }
        }
        Err(Refusal::TooMany.into())
    }
}

/// The revision of a row; 0 of one that was written before its shape counted them.
fn revision(row: &Attributes) -> u64 {
    let number = row.get(REVISION).and_then(|value| value.as_n().ok());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
