//! Read-modify-write of a photo's row with optimistic locking.

use super::quota;
use super::records::{FavouriteRecord, PhotoRecord};
use crate::aws::table::{Condition, Key, Row, Table, TransactWrite};
use crate::backoff::Attempts;
use crate::error::AppError;
use crate::now;
use model::ids::PhotoId;
use model::time::Time;

/// Attempts at a write when others write the same row. A photo has at most a handful of writers.
const MAX_ATTEMPTS: u32 = 10;

/// Applies a change to a photo and returns the result; `None` when there is no such photo. Retries when another writer was first.
pub async fn change(
    table: &Table,
    id: &PhotoId,
    mut apply: impl FnMut(&mut PhotoRecord, Time) -> bool,
) -> Result<Option<PhotoRecord>, AppError> {
    let key = PhotoRecord::key(id);
    let mut attempts = Attempts::up_to(MAX_ATTEMPTS);
    while attempts.another().await? {
        let Some(mut photo) = table.get::<PhotoRecord>(&key).await? else {
            return Ok(None);
        };
        let (was_counted, was_favourite) = (photo.counted, photo.favourite_key());
        if !apply(&mut photo, now()) {
            return Ok(Some(photo));
        }
        let revision_read = photo.revision;
        photo.revision += 1;
        let row = Row {
            key: key.clone(),
            item: &photo,
            condition: Condition::Revision(revision_read),
        };
        let mut writes = favourites(table, &photo, was_favourite)?;
        if photo.counted != was_counted {
            writes.push(quota::count_write(table, &photo, if photo.counted { 1 } else { -1 }, None)?);
        }
        let outcome = if writes.is_empty() {
            table.put(row).await?
        } else {
            writes.push(table.transact_put(row)?);
            table.transact_write(writes).await?
        };
        if outcome.is_written() {
            return Ok(Some(photo));
        }
    }
    Err(AppError::internal(
        "change a photo",
        format!("{id} was changed by others {MAX_ATTEMPTS} times"),
    ))
}

/// The writes that update the list of favourites.
fn favourites(table: &Table, photo: &PhotoRecord, was: Option<Key>) -> Result<Vec<TransactWrite>, AppError> {
    let is = photo.favourite_key();
    if is == was {
        return Ok(vec![]);
    }
    let delete = was.map(|key| table.transact_delete(&key)).transpose()?;
    let put = is.map(|key| {
        let item = &FavouriteRecord::of(photo);
        let condition = Condition::Anything;
        table.transact_put(Row { key, item, condition })
    });
    Ok(delete.into_iter().chain(put.transpose()?).collect())
}
