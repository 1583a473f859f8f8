//! A library's photos.

use super::bearer::{Bearer, Delete, Read, Write};
use super::problem::Problem;
use crate::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use crate::photos::records::PhotoRecord;
use crate::photos::{name, receive, timeline, trash as bin, upload};
use crate::web::Web;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use model::ids::PhotoId;
use model::photos::Wanted;
use model::programs::{PhotoEntry, PhotoPage, UploadGrant};
use model::refusals::Refusal;
use model::timeline::Start;
use serde::Deserialize;
use std::time::Duration;

/// How long the address of an original is good.
const ORIGINAL_LASTS: Duration = Duration::from_secs(60);

/// Where a page begins.
#[derive(Deserialize)]
pub struct Place {
    #[serde(default)]
    before: Option<String>,
}

fn entry(photo: &PhotoRecord) -> PhotoEntry {
    photo.photo().into()
}

/// Anything but an identifier names a photo that is not there.
fn named(id: &str) -> Result<PhotoId, Refusal> {
    id.parse().map_err(|_| Refusal::NotFound)
}

/// A page of the library.
pub async fn list(
    State(web): State<Web>,
    Bearer { library, .. }: Bearer<Read>,
    place: Result<Query<Place>, QueryRejection>,
) -> Result<Json<PhotoPage>, Problem> {
    let Query(Place { before }) = place.map_err(|_| Refusal::Malformed)?;
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
    let photo = timeline::photo(&web.0.table, &library, &named(&id)?).await?;
    Ok(Json(entry(&photo)))
}

/// Permission to upload a photo, in one piece whatever its size; or the photo of the same bytes.
pub async fn grant(
    State(web): State<Web>,
    Bearer { library, .. }: Bearer<Write>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Json(wanted) = wanted.map_err(|_| Refusal::Malformed)?;
    let wanted = Announced::parse(wanted)?;
    let here = &web.0;
    let granted = grant::grant(&here.table, &library, &wanted, GRANT_LASTS).await?;
    let photo = entry(granted.photo());
    let (status, upload) = match granted {
        Granted::Known(_) => (StatusCode::OK, None),
        Granted::Expected(photo) => {
            let put = upload::sign_whole(&here.table, &here.originals, photo).await?;
            (StatusCode::CREATED, Some(put))
        }
    };
    let location = format!("/api/v1/photos/{}", photo.id);
    Ok((status, [(header::LOCATION, location)], Json(UploadGrant { photo, upload })))
}

/// The bytes are there.
pub async fn arrived(
    State(web): State<Web>,
    Bearer { library, .. }: Bearer<Write>,
    Path(id): Path<String>,
) -> Result<Json<PhotoEntry>, Problem> {
    let here = &web.0;
    let photo = receive::announced(&here.table, &here.originals, &here.workflow, &library, &named(&id)?).await?;
    Ok(Json(entry(&photo)))
}

/// The way to an original.
pub async fn original(
    State(web): State<Web>,
    Bearer { library, .. }: Bearer<Read>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let photo = timeline::photo(&web.0.table, &library, &named(&id)?).await?;
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

/// A photo goes into the trash, from where its owner can take it back for thirty days.
pub async fn trash(
    State(web): State<Web>,
    Bearer { library, .. }: Bearer<Delete>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    bin::trash(&web.0.table, &library, &named(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
