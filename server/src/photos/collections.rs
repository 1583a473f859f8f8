//! Collections other than the timeline: the favourites and the archive.

use super::records::{FavouriteRecord, PhotoRecord};
use super::timeline;
use crate::albums::access::OpenLibrary;
use crate::aws::table::{Key, Page, Table, keys};
use crate::error::AppError;
use model::ids::PhotoId;
use model::photos::State;
use model::timeline::{Collection, Start};
use model::user_error::UserError;
use std::collections::HashSet;

/// Photos that are read on either side to find those that can be shown.
const LOOKAHEAD: i32 = 8;

/// Photos that are returned on either side.
const NEIGHBOURS: usize = 2;

/// A page of a collection, newest first.
pub async fn collection(
    table: &Table,
    library: &OpenLibrary,
    collection: Collection,
    start: &Start,
) -> Result<Page<PhotoRecord>, AppError> {
    match collection {
        Collection::Archive => timeline::page(table, &keys::archive_partition(library.account()), start).await,
        Collection::Favourites => favourites(table, library, start).await,
    }
}

/// The neighbours of a photo that can be shown, in the timeline or a collection: the newer and the older ones, nearest first. The photo
/// itself need not be in it any more.
///
/// # Errors
/// [`UserError::NotFound`] if the photo is not in this library.
pub async fn neighbours(
    table: &Table,
    library: &OpenLibrary,
    id: &PhotoId,
    collection: Option<Collection>,
) -> Result<(Vec<PhotoRecord>, Vec<PhotoRecord>), AppError> {
    let place = timeline::photo(table, library, id).await?.timeline_sk;
    let pk = match collection {
        None => keys::library_partition(library.account()),
        Some(Collection::Archive) => keys::archive_partition(library.account()),
        Some(Collection::Favourites) => return favourite_neighbours(table, library, &place).await,
    };
    let (newer, older) = tokio::try_join!(
        table.timeline_after(&pk, &place, LOOKAHEAD),
        table.timeline(&pk, Some(&place), LOOKAHEAD)
    )?;
    Ok((shown(newer.items), shown(older.items)))
}

fn shown(photos: Vec<PhotoRecord>) -> Vec<PhotoRecord> {
    let ready = photos.into_iter().filter(|photo| photo.state == State::Ready);
    ready.take(NEIGHBOURS).collect()
}

async fn favourite_neighbours(
    table: &Table,
    library: &OpenLibrary,
    place: &str,
) -> Result<(Vec<PhotoRecord>, Vec<PhotoRecord>), AppError> {
    let Key { pk, sk: start } = FavouriteRecord::key(library.account(), place);
    let end = keys::end_of(keys::FAVOURITE_PREFIX);
    // The photo itself may be one of them.
    let (newer, older) = tokio::try_join!(
        table.range::<FavouriteRecord>(&pk, &start, &end, LOOKAHEAD + 1),
        table.range_desc::<FavouriteRecord>(&pk, keys::FAVOURITE_PREFIX, &start, LOOKAHEAD + 1)
    )?;
    let photos = photos_but(table, [newer.items, older.items].concat(), place).await?;
    let (mut newer, older): (Vec<_>, Vec<_>) = photos.into_iter().partition(|photo| *photo.timeline_sk > *place);
    newer.reverse();
    Ok((shown(newer), shown(older)))
}

/// The photos of favourites, newest first, without the one at `place`.
async fn photos_but(table: &Table, favourites: Vec<FavouriteRecord>, place: &str) -> Result<Vec<PhotoRecord>, AppError> {
    let others = favourites.into_iter().filter(|favourite| favourite.place != place);
    // Deduplicate: one may have moved between the two reads.
    let keys: HashSet<Key> = others.map(|favourite| PhotoRecord::key(&favourite.photo)).collect();
    let mut photos: Vec<PhotoRecord> = table.get_many(&Vec::from_iter(keys)).await?;
    photos.sort_by(|a, b| b.timeline_sk.cmp(&a.timeline_sk));
    Ok(photos)
}

async fn favourites(table: &Table, library: &OpenLibrary, start: &Start) -> Result<Page<PhotoRecord>, AppError> {
    // The range includes the cursor's own row, which comes first: read one more, and leave it out.
    let (high, most) = match start {
        Start::Behind(place) if PhotoRecord::is_cursor(place) => (place.clone(), timeline::PAGE + 1),
        Start::Behind(_) => return Err(UserError::Malformed.into()),
        Start::Day(day) => (PhotoRecord::day_end(*day), timeline::PAGE),
        Start::Newest => ("~".to_owned(), timeline::PAGE),
    };
    let Key { pk, sk: end } = FavouriteRecord::key(library.account(), &high);
    let places = table
        .range_desc::<FavouriteRecord>(&pk, keys::FAVOURITE_PREFIX, &end, most)
        .await?;
    Ok(Page {
        items: photos_but(table, places.items, &high).await?,
        more: places.more,
    })
}
