//! Looking at photos, and uploading them.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::fault::Fault;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::ids::PhotoId;
use model::photos::{Amendment, Grant, Part, Photo, Preview, Put, Upload, Wanted};
use model::timeline::{DayCount, Neighbours, Shelf, Start, Timeline};

#[cfg(feature = "ssr")]
use crate::Rooms;

/// What a viewer can do with photos.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Photos: Send + Sync {
    /// A page of the viewer's own library, newest first.
    async fn timeline(&self, start: Start) -> Result<Timeline, Fault>;
    /// The days of the viewer's own library that have photos, newest first.
    async fn days(&self) -> Result<Vec<DayCount>, Fault>;
    /// A page of photos that are looked at by themselves, newest first.
    async fn shelf(&self, shelf: Shelf, start: Start) -> Result<Timeline, Fault>;
    /// The photos beside one in the timeline, or on a shelf.
    async fn beside(&self, id: PhotoId, shelf: Option<Shelf>) -> Result<Neighbours, Fault>;
    /// Changes a photo as its owner wants it.
    async fn amend(&self, id: PhotoId, amendment: Amendment) -> Result<Photo, Fault>;
    /// One photo.
    async fn photo(&self, id: PhotoId) -> Result<Photo, Fault>;
    /// Permission to upload, or the photo that has the same bytes. Asked again, it answers the same photo.
    async fn grant(&self, wanted: Wanted) -> Result<Grant, Fault>;
    /// How the bytes of an expected photo travel on: what is there of them, or a new signature.
    async fn sign(&self, id: PhotoId) -> Result<Upload, Fault>;
    /// Signatures for some parts, in their order.
    async fn sign_parts(&self, id: PhotoId, parts: Vec<Part>) -> Result<Vec<Put>, Fault>;
    /// Shows others a photo while its bytes still travel.
    async fn preview(&self, id: PhotoId, preview: Preview) -> Result<Photo, Fault>;
    /// "The bytes are there": starts developing, unless that has begun.
    async fn announce(&self, id: PhotoId) -> Result<Photo, Fault>;
    /// "The bytes will not come": the photo is refused, unless they came after all.
    async fn give_up(&self, id: PhotoId) -> Result<Photo, Fault>;
    /// Puts a photo that was refused into the trash; any other stays where it is.
    async fn put_away(&self, id: PhotoId) -> Result<Photo, Fault>;
}

/// A page of the timeline.
#[server(name = AskTimeline, endpoint = "photos/timeline", input = Json)]
pub async fn timeline(start: Start) -> Result<Timeline, Fault> {
    Rooms::here()?.photos.timeline(start).await
}

/// The days that have photos.
#[server(name = AskDays, endpoint = "photos/days", input = Json)]
pub async fn days() -> Result<Vec<DayCount>, Fault> {
    Rooms::here()?.photos.days().await
}

/// A page of photos that are looked at by themselves.
#[server(name = AskShelf, endpoint = "photos/shelf", input = Json)]
pub async fn shelf(shelf: Shelf, start: Start) -> Result<Timeline, Fault> {
    Rooms::here()?.photos.shelf(shelf, start).await
}

/// The photos beside one.
#[server(name = AskBeside, endpoint = "photos/beside", input = Json)]
pub async fn beside(id: PhotoId, shelf: Option<Shelf>) -> Result<Neighbours, Fault> {
    Rooms::here()?.photos.beside(id, shelf).await
}

/// Changes a photo.
#[server(endpoint = "photos/amend", input = Json)]
pub async fn amend(id: PhotoId, amendment: Amendment) -> Result<Photo, Fault> {
    Rooms::here()?.photos.amend(id, amendment).await
}

/// One photo.
#[server(name = AskPhoto, endpoint = "photos/photo", input = Json)]
pub async fn photo(id: PhotoId) -> Result<Photo, Fault> {
    Rooms::here()?.photos.photo(id).await
}

/// Permission to upload.
#[server(name = AskGrant, endpoint = "photos/grant", input = Json)]
pub async fn grant(wanted: Wanted) -> Result<Grant, Fault> {
    Rooms::here()?.photos.grant(wanted).await
}

/// How the bytes travel on.
#[server(endpoint = "photos/sign", input = Json)]
pub async fn sign(id: PhotoId) -> Result<Upload, Fault> {
    Rooms::here()?.photos.sign(id).await
}

/// Signatures for some parts.
#[server(endpoint = "photos/sign_parts", input = Json)]
pub async fn sign_parts(id: PhotoId, parts: Vec<Part>) -> Result<Vec<Put>, Fault> {
    Rooms::here()?.photos.sign_parts(id, parts).await
}

/// Shows others a photo while its bytes still travel.
#[server(name = SendPreview, endpoint = "photos/preview", input = Json)]
pub async fn preview(id: PhotoId, preview: Preview) -> Result<Photo, Fault> {
    Rooms::here()?.photos.preview(id, preview).await
}

/// "The bytes are there."
#[server(endpoint = "photos/announce", input = Json)]
pub async fn announce(id: PhotoId) -> Result<Photo, Fault> {
    Rooms::here()?.photos.announce(id).await
}

/// "The bytes will not come."
#[server(endpoint = "photos/give_up", input = Json)]
pub async fn give_up(id: PhotoId) -> Result<Photo, Fault> {
    Rooms::here()?.photos.give_up(id).await
}

/// Takes a photo that was refused off the table.
#[server(endpoint = "photos/put_away", input = Json)]
pub async fn put_away(id: PhotoId) -> Result<Photo, Fault> {
    Rooms::here()?.photos.put_away(id).await
}
