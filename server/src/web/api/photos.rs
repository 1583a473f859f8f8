//! The API of a library's photos.

use super::bearer::{Bearer, Delete, Read, Write};
use super::problem::Problem;
use crate::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use crate::photos::records::PhotoRecord;
use crate::photos::{name, start, timeline, trash as bin, upload};
use crate::web::Web;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use model::ids::PhotoId;
use model::photos::Wanted;
use model::programs::{PhotoEntry, PhotoPage, UploadGrant};
use model::timeline::Start;
use model::user_error::UserError;
use serde::Deserialize;
use std::time::Duration;

/// How long the presigned URL of an original is valid.
const ORIGINAL_LASTS: Duration = Duration::from_secs(60);

/// Query of a page.
#[derive(Deserialize)]
pub struct PageQuery {
    #[serde(default)]
    before: Option<String>,
}

fn entry(photo: &PhotoRecord) -> PhotoEntry {
    photo.photo().into()
}

/// An invalid identifier is that of an unknown photo.
fn parse_id(id: &str) -> Result<PhotoId, UserError> {
    id.parse().map_err(|_| UserError::NotFound)
}

/// A page of the library.
pub async fn list(
    State(web): State<Web>,
    Bearer { library, .. }: Bearer<Read>,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<PhotoPage>, Problem> {
    let Query(PageQuery { before }) = query.map_err(|_| UserError::Malformed)?;
    let start = before.map_or(Start::Newest, Start::Behind);
    let page = timeline::timeline(&web.0.table, &library, &start).await?;
    let older = page.items.last().filter(|_| page.more).map(|photo| photo.timeline_sk.clone());
    Ok(Json(PhotoPage {
        photos: page.items.iter().map(entry).collect(),
        older,
    }))
}

/// One photo.
pub async fn read(
    State(web): State<Web>,
    Bearer { library, .. }: Bearer<Read>,
    Path(id): Path<String>,
) -> Result<Json<PhotoEntry>, Problem> {
    let photo = timeline::photo(&web.0.table, &library, &parse_id(&id)?).await?;
    Ok(Json(entry(&photo)))
}

/// A grant to upload a photo in a single request; or the existing photo with the same bytes.
pub async fn grant(
    State(web): State<Web>,
    Bearer { library, .. }: Bearer<Write>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Json(wanted) = wanted.map_err(|_| UserError::Malformed)?;
    let wanted = Announced::parse(wanted)?;
    let site = &web.0;
    let granted = grant::grant(&site.table, &library, &wanted, GRANT_LASTS).await?;
    let photo = entry(granted.photo());
    let (status, upload) = match granted {
        Granted::Known(_) => (StatusCode::OK, None),
        Granted::Expected(photo) => {
            let upload = upload::sign_whole(&site.table, &site.originals, photo).await?;
            (StatusCode::CREATED, Some(upload))
        }
    };
    let location = format!("/api/v1/photos/{}", photo.id);
    Ok((status, [(header::LOCATION, location)], Json(UploadGrant { photo, upload })))
}

/// The program has uploaded the bytes.
pub async fn arrived(
    State(web): State<Web>,
    Bearer { library, .. }: Bearer<Write>,
    Path(id): Path<String>,
) -> Result<Json<PhotoEntry>, Problem> {
    let site = &web.0;
    let photo = start::complete_upload(&site.table, &site.originals, &site.workflow, &library, &parse_id(&id)?).await?;
    Ok(Json(entry(&photo)))
}

/// Redirects to the presigned URL of an original.
pub async fn original(
    State(web): State<Web>,
    Bearer { library, .. }: Bearer<Read>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let photo = timeline::photo(&web.0.table, &library, &parse_id(&id)?).await?;
    let address = web
        .0
        .originals
        .presign_download(&photo.original_key(), &name::of_download(&photo), ORIGINAL_LASTS)
        .await?;
    Ok((
        StatusCode::TEMPORARY_REDIRECT,
        [(header::LOCATION, address), (header::CACHE_CONTROL, "no-store".into())],
    ))
}

/// Moves a photo to the trash, from which its owner can restore it for thirty days.
pub async fn trash(
    State(web): State<Web>,
    Bearer { library, .. }: Bearer<Delete>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    bin::trash(&web.0.table, &library, &parse_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
