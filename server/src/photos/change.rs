//! Reading a photo's row and writing it back only if nobody else did.

use super::records::{FavouriteRecord, PhotoRecord};
use super::usage;
use crate::aws::table::{Given, Key, Row, Table, Together};
use crate::failure::Failure;
use crate::now;
use model::ids::PhotoId;
use model::time::Time;

/// How often a write is tried when others write the same row. A photo has at most a handful of writers.
const TRIES: u32 = 10;

/// Applies a change to a photo and answers the photo as it is then; `None` when there is no such photo.
/// The change is tried again on what another writer left.
pub async fn change(
    table: &Table,
    id: &PhotoId,
    mut apply: impl FnMut(&mut PhotoRecord, Time) -> bool,
) -> Result<Option<PhotoRecord>, Failure> {
    let key = PhotoRecord::key(id);
    for _ in 0..TRIES {
        let Some(mut photo) = table.get::<PhotoRecord>(&key).await? else {
            return Ok(None);
        };
        let (was_counted, was_favourite) = (photo.counted, photo.favourite_key());
        if !apply(&mut photo, now()) {
            return Ok(Some(photo));
        }
        let read = photo.revision;
        photo.revision += 1;
        let row = Row {
            key: key.clone(),
            item: &photo,
            given: Given::Revision(read),
        };
        let mut beside = favourites(table, &photo, was_favourite)?;
        if photo.counted != was_counted {
            beside.push(usage::counted(table, &photo, if photo.counted { 1 } else { -1 }, None)?);
        }
        let written = if beside.is_empty() {
            table.put(row).await?
        } else {
            beside.push(table.together(row)?);
            table.put_together(beside).await?
        };
        if written {
            return Ok(Some(photo));
        }
    }
    Err(Failure::broken(
        "change a photo",
        format!("{id} was changed by others {TRIES} times"),
    ))
}

/// The writes that keep its place among the favourites.
fn favourites(table: &Table, photo: &PhotoRecord, was: Option<Key>) -> Result<Vec<Together>, Failure> {
    let is = photo.favourite_key();
    if is == was {
        return Ok(vec![]);
    }
    let away = was.map(|key| table.away(&key)).transpose()?;
    let put = is.map(|key| {
        let item = &FavouriteRecord {
            photo: photo.id.clone(),
            place: photo.timeline_sk.clone(),
        };
        let given = Given::Anything;
        table.together(Row { key, item, given })
    });
    Ok(away.into_iter().chain(put.transpose()?).collect())
}
