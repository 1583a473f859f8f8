//! Looking at a library.

use super::records::PhotoRecord;
use crate::albums::access::OpenLibrary;
use crate::aws::table::{Page, Table};
use crate::failure::Failure;
use model::ids::PhotoId;
use model::refusals::Refusal;

/// Photos on a page of the timeline.
pub const PAGE: i32 = 100;

/// One photo of this library; one of another answers as one that is not there.
pub async fn photo(table: &Table, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, Failure> {
    let photo: Option<PhotoRecord> = table.get(&PhotoRecord::key(id)).await?;
    photo
        .filter(|photo| photo.library == *library.account())
        .ok_or_else(|| Refusal::NotFound.into())
}

/// A page of this library, newest first; `before` is where the page before ended.
pub async fn timeline(table: &Table, library: &OpenLibrary, before: Option<&str>) -> Result<Page<PhotoRecord>, Failure> {
    if before.is_some_and(|before| !PhotoRecord::is_place(before)) {
        return Err(Refusal::Malformed.into());
    }
    table
        .timeline(&PhotoRecord::timeline_pk(library.account()), before, PAGE)
        .await
}
