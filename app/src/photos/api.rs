//! Looking at photos, and uploading them.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::fault::Fault;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::ids::PhotoId;
use model::photos::{Grant, Part, Photo, Preview, Put, Timeline, Upload, Wanted};

#[cfg(feature = "ssr")]
use crate::Rooms;

/// What a viewer can do with photos.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Photos: Send + Sync {
    /// A page of the viewer's own library, newest first; `before` is an earlier page's `older`.
    async fn timeline(&self, before: Option<String>) -> Result<Timeline, Fault>;
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
pub async fn timeline(before: Option<String>) -> Result<Timeline, Fault> {
    Rooms::here()?.photos.timeline(before).await
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
