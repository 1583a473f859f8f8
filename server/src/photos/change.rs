//! Reading a photo's row and writing it back only if nobody else did.

use super::records::PhotoRecord;
use super::usage;
use crate::aws::table::{Given, Row, Table};
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
        let was_counted = photo.counted;
        if !apply(&mut photo, now()) {
            return Ok(Some(photo));
        }
        let read = photo.revision;
        photo.revision += 1;
        let row = Row {
            key: key.clone(),
            item: &photo,
            given: Given::Number("revision", read),
        };
        let written = if photo.counted == was_counted {
            table.put(row).await?
        } else {
            let by = if photo.counted { 1 } else { -1 };
            let both = vec![table.together(row)?, usage::counted(table, &photo, by, None)?];
            table.put_together(both).await?
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
