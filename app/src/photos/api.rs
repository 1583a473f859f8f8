//! Server functions for photos and uploads.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::error::RequestError;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::ids::PhotoId;
use model::photos::{Amendment, Grant, Part, Photo, Preview, Put, Upload, Wanted};
use model::timeline::{Collection, DayCount, Neighbours, Start, Timeline};

#[cfg(feature = "ssr")]
use crate::context::service;

/// Photos, as one viewer may see and change them.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Photos: Send + Sync {
    /// A page of the viewer's timeline, newest first.
    async fn timeline(&self, start: Start) -> Result<Timeline, RequestError>;
    /// How many photos each day of the timeline has, newest first.
    async fn days(&self) -> Result<Vec<DayCount>, RequestError>;
    /// A page of a collection, newest first.
    async fn collection(&self, collection: Collection, start: Start) -> Result<Timeline, RequestError>;
    /// The photos next to one, in the timeline or in a collection.
    async fn neighbours(&self, id: PhotoId, collection: Option<Collection>) -> Result<Neighbours, RequestError>;
    /// Applies the owner's amendment to a photo.
    async fn amend(&self, id: PhotoId, amendment: Amendment) -> Result<Photo, RequestError>;
    /// One photo.
    async fn photo(&self, id: PhotoId) -> Result<Photo, RequestError>;
    /// Grants an upload, or returns the photo that has the same bytes. Idempotent.
    async fn grant(&self, wanted: Wanted) -> Result<Grant, RequestError>;
    /// New signatures for an expected photo, with the parts that are stored.
    async fn sign(&self, id: PhotoId) -> Result<Upload, RequestError>;
    /// Presigned requests for some parts, in the same order.
    async fn sign_parts(&self, id: PhotoId, parts: Vec<Part>) -> Result<Vec<Put>, RequestError>;
    /// Stores a preview, which others see until the photo is ready.
    async fn preview(&self, id: PhotoId, preview: Preview) -> Result<Photo, RequestError>;
    /// Reports that the bytes are stored. Starts processing, unless that has begun.
    async fn announce(&self, id: PhotoId) -> Result<Photo, RequestError>;
    /// Reports that the bytes will not come. The photo is refused, unless they have arrived.
    async fn cancel_upload(&self, id: PhotoId) -> Result<Photo, RequestError>;
    /// Moves a refused photo to the trash; leaves any other as it is.
    async fn move_to_trash(&self, id: PhotoId) -> Result<Photo, RequestError>;
}

/// A page of the timeline.
#[server(name = GetTimeline, endpoint = "photos/timeline", input = Json)]
pub async fn timeline(start: Start) -> Result<Timeline, RequestError> {
    service::<dyn Photos>()?.timeline(start).await
}

/// How many photos each day has.
#[server(name = GetDays, endpoint = "photos/days", input = Json)]
pub async fn days() -> Result<Vec<DayCount>, RequestError> {
    service::<dyn Photos>()?.days().await
}

/// A page of a collection.
#[server(name = GetCollection, endpoint = "photos/shelf", input = Json)]
pub async fn collection(#[server(rename = "shelf")] collection: Collection, start: Start) -> Result<Timeline, RequestError> {
    service::<dyn Photos>()?.collection(collection, start).await
}

/// The photos next to one.
#[server(name = GetNeighbours, endpoint = "photos/beside", input = Json)]
pub async fn neighbours_of(
    id: PhotoId,
    #[server(rename = "shelf")] collection: Option<Collection>,
) -> Result<Neighbours, RequestError> {
    service::<dyn Photos>()?.neighbours(id, collection).await
}

/// Amends a photo.
#[server(endpoint = "photos/amend", input = Json)]
pub async fn amend(id: PhotoId, amendment: Amendment) -> Result<Photo, RequestError> {
    service::<dyn Photos>()?.amend(id, amendment).await
}

/// One photo.
#[server(name = GetPhoto, endpoint = "photos/photo", input = Json)]
pub async fn photo(id: PhotoId) -> Result<Photo, RequestError> {
    service::<dyn Photos>()?.photo(id).await
}

/// Grants an upload.
#[server(name = RequestGrant, endpoint = "photos/grant", input = Json)]
pub async fn grant(wanted: Wanted) -> Result<Grant, RequestError> {
    service::<dyn Photos>()?.grant(wanted).await
}

/// New signatures for an upload.
#[server(endpoint = "photos/sign", input = Json)]
pub async fn sign(id: PhotoId) -> Result<Upload, RequestError> {
    service::<dyn Photos>()?.sign(id).await
}

/// Presigned requests for some parts.
#[server(endpoint = "photos/sign_parts", input = Json)]
pub async fn sign_parts(id: PhotoId, parts: Vec<Part>) -> Result<Vec<Put>, RequestError> {
    service::<dyn Photos>()?.sign_parts(id, parts).await
}

/// Stores a preview.
#[server(name = SendPreview, endpoint = "photos/preview", input = Json)]
pub async fn preview(id: PhotoId, preview: Preview) -> Result<Photo, RequestError> {
    service::<dyn Photos>()?.preview(id, preview).await
}

/// Reports that the bytes are stored.
#[server(endpoint = "photos/announce", input = Json)]
pub async fn announce(id: PhotoId) -> Result<Photo, RequestError> {
    service::<dyn Photos>()?.announce(id).await
}

/// Reports that the bytes will not come.
#[server(endpoint = "photos/give_up", input = Json)]
pub async fn cancel_upload(id: PhotoId) -> Result<Photo, RequestError> {
    service::<dyn Photos>()?.cancel_upload(id).await
}

/// Moves a refused photo to the trash.
#[server(endpoint = "photos/put_away", input = Json)]
pub async fn move_to_trash(id: PhotoId) -> Result<Photo, RequestError> {
    service::<dyn Photos>()?.move_to_trash(id).await
}
