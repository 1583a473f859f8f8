//! URLs of photos and of lists.

use leptos_router::location::Url;
use leptos_router::params::ParamsMap;
use model::ids::PhotoId;
use model::timeline::{Collection, Start};

/// The timeline from a start on.
pub fn timeline_address(start: &Start) -> String {
    match start {
        Start::Day(day) => format!("/?day={day}"),
        Start::Behind(cursor) => from_cursor("/", cursor),
        Start::Newest => "/".to_owned(),
    }
}

/// A page of a collection. Unlike the timeline, it cannot start at a day.
pub fn collection_address(collection: Collection, start: &Start) -> String {
    let path = match collection {
        Collection::Favourites => "/favourites",
        Collection::Archive => "/archive",
    };
    match start {
        Start::Behind(cursor) => from_cursor(path, cursor),
        Start::Newest | Start::Day(_) => path.to_owned(),
    }
}

fn from_cursor(path: &str, cursor: &str) -> String {
    format!("{path}?behind={}", Url::escape(cursor))
}

/// The page of a photo. `collection`: where it was opened from.
pub fn photo_address(id: &PhotoId, collection: Option<Collection>) -> String {
    match collection {
        None => format!("/photos/{id}"),
        Some(Collection::Favourites) => format!("/photos/{id}?in=favourites"),
        Some(Collection::Archive) => format!("/photos/{id}?in=archive"),
    }
}

/// The collection in the URL of a photo's page.
pub fn collection_of(query: &ParamsMap) -> Option<Collection> {
    match query.get("in")?.as_str() {
        "favourites" => Some(Collection::Favourites),
        "archive" => Some(Collection::Archive),
        _ => None,
    }
}
