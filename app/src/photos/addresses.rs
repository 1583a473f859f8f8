//! Where photos and lists of them are.

use leptos_router::location::Url;
use leptos_router::params::ParamsMap;
use model::ids::PhotoId;
use model::timeline::{Shelf, Start};

/// The timeline from here on.
pub fn timeline_address(start: &Start) -> String {
    match start {
        Start::Day(day) => format!("/?day={day}"),
        Start::Behind(place) => behind("/", place),
        Start::Newest => "/".to_owned(),
    }
}

/// A page of a shelf. Only the timeline begins at a day.
pub fn shelf_address(shelf: Shelf, start: &Start) -> String {
    let path = match shelf {
        Shelf::Favourites => "/favourites",
        Shelf::Archive => "/archive",
    };
    match start {
        Start::Behind(place) => behind(path, place),
        Start::Newest | Start::Day(_) => path.to_owned(),
    }
}

fn behind(path: &str, place: &str) -> String {
    format!("{path}?behind={}", Url::escape(place))
}

/// A photo's page, which leads back to the shelf that it was opened from.
pub fn photo_address(id: &PhotoId, shelf: Option<Shelf>) -> String {
    match shelf {
        None => format!("/photos/{id}"),
        Some(Shelf::Favourites) => format!("/photos/{id}?in=favourites"),
        Some(Shelf::Archive) => format!("/photos/{id}?in=archive"),
    }
}

/// The shelf that a photo's address names.
pub fn shelf_of(query: &ParamsMap) -> Option<Shelf> {
    match query.get("in")?.as_str() {
        "favourites" => Some(Shelf::Favourites),
        "archive" => Some(Shelf::Archive),
        _ => None,
    }
}
