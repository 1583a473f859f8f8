//! Reads of a library.

use super::records::PhotoRecord;
use crate::albums::access::OpenLibrary;
use crate::aws::table::{Page, Table};
use crate::failure::Failure;
use model::ids::PhotoId;
use model::refusals::Refusal;
use model::timeline::Start;

/// Photos on a page of the timeline.
pub const PAGE: i32 = 100;

/// Photos on the first page, which must be fast: two large windows full.
const FIRST_PAGE: i32 = 60;

/// One photo of this library; one of another library is refused like a missing one.
pub async fn photo(table: &Table, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, Failure> {
    let photo: Option<PhotoRecord> = table.get(&PhotoRecord::key(id)).await?;
    photo
        .filter(|photo| photo.library == *library.account())
        .ok_or_else(|| Refusal::NotFound.into())
}

/// A page of this library, newest first.
pub async fn timeline(table: &Table, library: &OpenLibrary, start: &Start) -> Result<Page<PhotoRecord>, Failure> {
    page(table, &PhotoRecord::timeline_pk(library.account()), start).await
}

/// A page of a partition of the timeline's index, newest first.
pub(super) async fn page(table: &Table, pk: &str, start: &Start) -> Result<Page<PhotoRecord>, Failure> {
    let before = match start {
        Start::Newest => return table.timeline(pk, None, FIRST_PAGE).await,
        Start::Day(day) => Some(PhotoRecord::day_end(*day)),
        Start::Behind(place) if PhotoRecord::is_place(place) => Some(place.clone()),
        Start::Behind(_) => return Err(Refusal::Malformed.into()),
    };
    table.timeline(pk, before.as_deref(), PAGE).await
}
