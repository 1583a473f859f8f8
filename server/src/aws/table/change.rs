//! Read-modify-write with optimistic locking.

use super::{Attributes, Condition, Key, REVISION, Row, Table, deserialize};
use crate::backoff::Attempts;
use crate::error::AppError;
use model::user_error::UserError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Attempts at a write when others write the same row.
const MAX_ATTEMPTS: u32 = 10;

impl Table {
    /// Reads a row and writes what `next` makes of it, on the condition that its revision is unchanged; retries when others write
    /// it. Returns what was written.
    ///
    /// `next` gets the row, if there is one, and its next revision; it returns `None` if nothing is to be written.
    ///
    /// # Errors
    /// Those of `next`; [`UserError::TooMany`] if others were first at every attempt.
    pub async fn change<T: Serialize + DeserializeOwned>(
        &self,
        key: &Key,
        mut next: impl FnMut(Option<T>, u64) -> Result<Option<T>, AppError>,
    ) -> Result<Option<T>, AppError> {
        let mut attempts = Attempts::up_to(MAX_ATTEMPTS);
        while attempts.another().await? {
            let found = self.get_item(key).await?;
            let revision_read = found.as_ref().map(revision);
            let Some(item) = next(found.map(deserialize).transpose()?, revision_read.unwrap_or(0) + 1)? else {
                return Ok(None);
            };
            let row = Row {
                key: key.clone(),
                item: &item,
                condition: revision_read.map_or(Condition::Absent, Condition::Revision),
            };
            if self.put(row).await?.is_written() {
                return Ok(Some(item));
            }
        }
        Err(UserError::TooMany.into())
    }
}

/// The revision of a row; 0 if it is from before its type had revisions.
fn revision(row: &Attributes) -> u64 {
    let number = row.get(REVISION).and_then(|value| value.as_n().ok());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
