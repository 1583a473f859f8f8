//! Reads of a library.

use super::records::PhotoRecord;
use crate::albums::access::OpenLibrary;
use crate::aws::table::{Page, Table, keys};
use crate::error::AppError;
use model::ids::PhotoId;
use model::timeline::Start;
use model::user_error::UserError;

/// Photos on a page of the timeline.
pub const PAGE: i32 = 100;

/// Photos on the first page, which must be fast: two large windows full.
const FIRST_PAGE: i32 = 60;

/// One photo of this library; one of another library is refused like a missing one.
pub async fn photo(table: &Table, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, AppError> {
    let photo: Option<PhotoRecord> = table.get(&PhotoRecord::key(id)).await?;
    photo
        .filter(|photo| photo.library == *library.account())
        .ok_or_else(|| UserError::NotFound.into())
}

/// A page of this library, newest first.
pub async fn timeline(table: &Table, library: &OpenLibrary, start: &Start) -> Result<Page<PhotoRecord>, AppError> {
    page(table, &keys::library_partition(library.account()), start).await
}

/// A page of a partition of the timeline's index, newest first.
pub(super) async fn page(table: &Table, pk: &str, start: &Start) -> Result<Page<PhotoRecord>, AppError> {
    let before = match start {
        Start::Newest => return table.timeline(pk, None, FIRST_PAGE).await,
        Start::Day(day) => Some(PhotoRecord::day_end(*day)),
        Start::Behind(place) if PhotoRecord::is_cursor(place) => Some(place.clone()),
        Start::Behind(_) => return Err(UserError::Malformed.into()),
    };
    table.timeline(pk, before.as_deref(), PAGE).await
}
