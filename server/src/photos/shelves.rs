//! Photos that are looked at by themselves: the favourites, and the archive.

use super::records::{FavouriteRecord, PhotoRecord};
use super::timeline;
use crate::albums::access::OpenLibrary;
use crate::aws::table::{Page, Table};
use crate::failure::Failure;
use model::refusals::Refusal;
use model::timeline::{Shelf, Start};

/// A page of a shelf, newest first.
pub async fn shelf(table: &Table, library: &OpenLibrary, shelf: Shelf, start: &Start) -> Result<Page<PhotoRecord>, Failure> {
    match shelf {
        Shelf::Archive => timeline::page(table, &PhotoRecord::archive_pk(library.account()), start).await,
        Shelf::Favourites => favourites(table, library, start).await,
    }
}

async fn favourites(table: &Table, library: &OpenLibrary, start: &Start) -> Result<Page<PhotoRecord>, Failure> {
    // Upwards to the place behind, which is a row itself and comes first: one more, and left out.
    let (high, most) = match start {
        Start::Behind(place) if PhotoRecord::is_place(place) => (place.clone(), timeline::PAGE + 1),
        Start::Behind(_) => return Err(Refusal::Malformed.into()),
        Start::Day(day) => (PhotoRecord::behind_day(*day), timeline::PAGE),
        Start::Newest => ("~".to_owned(), timeline::PAGE),
    };
    let pk = PhotoRecord::timeline_pk(library.account());
    let places = table
        .newest_between::<FavouriteRecord>(
            &pk,
            FavouriteRecord::PREFIX,
            &format!("{}{high}", FavouriteRecord::PREFIX),
            most,
        )
        .await?;
    let keys = places.items.iter().filter(|favourite| favourite.place != high);
    let keys: Vec<_> = keys.map(|favourite| PhotoRecord::key(&favourite.photo)).collect();
    let mut items: Vec<PhotoRecord> = table.get_many(&keys).await?;
    items.sort_by(|a, b| b.timeline_sk.cmp(&a.timeline_sk));
    Ok(Page {
        items,
        more: places.more,
    })
}
