//! Server functions of photos, and the download of originals.

use super::redirect::{redirect, redirect_with_error};
use super::visitor::Visitor;
use super::{ViewerServices, Web};
use crate::albums::access::{OpenLibrary, open_library};
use crate::aws::table::Page;
use crate::error::{AppError, Context};
use crate::live::catch_up::{last_number, settled_number};
use crate::now;
use crate::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use crate::photos::preview::{self, Sent};
use crate::photos::records::PhotoRecord;
use crate::photos::{amend, collections, days, name, start, timeline, trash, upload};
use app::photos::api::Photos;
use app::ui::error::RequestError;
use async_trait::async_trait;
use axum::extract::{self, Extension, Path};
use axum::response::Response;
use model::addresses::OwnPath;
use model::ids::PhotoId;
use model::photos::{Amendment, Grant, Part, Photo, Preview, Put, State, Upload, Wanted};
use model::timeline::{Collection, DayCount, Neighbours, Start, Timeline};
use model::user_error::UserError;
use std::time::Duration;

/// How long the presigned URL of an original is valid.
const ORIGINAL_LASTS: Duration = Duration::from_secs(60);

impl ViewerServices {
    fn library(&self) -> Result<OpenLibrary, RequestError> {
        Ok(open_library(&self.viewer)?)
    }

    /// A photo with signed links.
    fn signed(&self, photo: &PhotoRecord) -> Photo {
        self.site.signer.sign_links(photo.photo(), now())
    }

    /// A photo for a list, without the details that its page loads.
    fn tile(&self, photo: &PhotoRecord) -> Photo {
        let photo = self.signed(photo);
        match photo.state {
            State::Ready => photo.trimmed(),
            _ => photo,
        }
    }

    fn page(&self, page: Page<PhotoRecord>, number: u64) -> Timeline {
        Timeline {
            photos: page.items.iter().map(|photo| self.tile(photo)).collect(),
            older: page.items.last().filter(|_| page.more).map(|photo| photo.timeline_sk.clone()),
            number,
        }
    }
}

/// Redirects to the presigned URL of an original, which downloads under its name.
pub async fn original(
    extract::State(web): extract::State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    match original_address(&web, &visitor, &id).await {
        Ok(address) => redirect(&address, &[]),
        Err(AppError::User(UserError::SignInFirst)) => {
            let to = OwnPath::parse(&format!("/photos/{id}"));
            redirect_with_error(UserError::SignInFirst.into(), "/sign-in", to.as_ref())
        }
        Err(error) => redirect_with_error(error, "/", None),
    }
}

async fn original_address(web: &Web, visitor: &Visitor, id: &str) -> Result<String, AppError> {
    let library = open_library(&visitor.viewer)?;
    let id = id.parse().map_err(|_| UserError::NotFound)?;
    let photo = timeline::photo(&web.0.table, &library, &id).await?;
    let originals = &web.0.originals;
    originals
        .presign_download(&photo.original_key(), &name::of_download(&photo), ORIGINAL_LASTS)
        .await
}

#[async_trait]
impl Photos for ViewerServices {
    async fn timeline(&self, start: Start) -> Result<Timeline, RequestError> {
        let (table, library) = (&self.site.table, self.library()?);
        // The sequence number first: events in between are then delivered again, not missed.
        let number = settled_number(table, &library).await?;
        let page = timeline::timeline(table, &library, &start).await?;
        Ok(self.page(page, number))
    }

    async fn days(&self) -> Result<Vec<DayCount>, RequestError> {
        Ok(days::days(&self.site.table, &self.library()?).await?)
    }

    async fn collection(&self, collection: Collection, start: Start) -> Result<Timeline, RequestError> {
        let (table, library) = (&self.site.table, self.library()?);
        let number = match collection {
            Collection::Archive => settled_number(table, &library).await?,
            // Read from the table itself, which does not lag behind the events.
            Collection::Favourites => last_number(table, &library).await?,
        };
        let page = collections::collection(table, &library, collection, &start).await?;
        Ok(self.page(page, number))
    }

    async fn neighbours(&self, id: PhotoId, collection: Option<Collection>) -> Result<Neighbours, RequestError> {
        let (newer, older) = collections::neighbours(&self.table, &self.library()?, &id, collection).await?;
        let tiles = |photos: Vec<PhotoRecord>| photos.iter().map(|photo| self.tile(photo)).collect();
        Ok(Neighbours {
            newer: tiles(newer),
            older: tiles(older),
        })
    }

    async fn amend(&self, id: PhotoId, amendment: Amendment) -> Result<Photo, RequestError> {
        let photo = amend::amend(&self.site.table, &self.library()?, &id, amendment).await?;
        Ok(self.signed(&photo))
    }

    async fn photo(&self, id: PhotoId) -> Result<Photo, RequestError> {
        let photo = timeline::photo(&self.table, &self.library()?, &id).await?;
        Ok(self.signed(&photo))
    }

    async fn grant(&self, wanted: Wanted) -> Result<Grant, RequestError> {
        let library = self.library()?;
        let wanted = Announced::parse(wanted)?;
        let site = &self.site;
        let granted = grant::grant(&site.table, &library, &wanted, GRANT_LASTS).await?;
        let photo = self.signed(granted.photo());
        let upload = match granted {
            Granted::Known(_) => None,
            Granted::Expected(photo) => Some(upload::travels(&site.table, &site.originals, photo).await?),
        };
        Ok(Grant { photo, upload })
    }

    async fn sign(&self, id: PhotoId) -> Result<Upload, RequestError> {
        let (library, site) = (self.library()?, &self.site);
        Ok(upload::sign(&site.table, &site.originals, &library, &id).await?)
    }

    async fn sign_parts(&self, id: PhotoId, parts: Vec<Part>) -> Result<Vec<Put>, RequestError> {
        let (library, site) = (self.library()?, &self.site);
        Ok(upload::sign_parts(&site.table, &site.originals, &library, &id, &parts).await?)
    }

    async fn preview(&self, id: PhotoId, sent: Preview) -> Result<Photo, RequestError> {
        let (library, site, sent) = (self.library()?, &self.site, Sent::parse(&sent)?);
        let sandbox = imaging::Sandbox::here().context("find the program")?;
        let photo = preview::show(&site.table, &site.media, sandbox, &library, &id, sent).await?;
        Ok(self.signed(&photo))
    }

    async fn announce(&self, id: PhotoId) -> Result<Photo, RequestError> {
        let (library, site) = (self.library()?, &self.site);
        let photo = start::complete_upload(&site.table, &site.originals, &site.workflow, &library, &id).await?;
        Ok(self.signed(&photo))
    }

    async fn cancel_upload(&self, id: PhotoId) -> Result<Photo, RequestError> {
        let photo = grant::cancel_upload(&self.site.table, &self.site.originals, &self.library()?, &id).await?;
        Ok(self.signed(&photo))
    }

    async fn move_to_trash(&self, id: PhotoId) -> Result<Photo, RequestError> {
        let photo = trash::move_to_trash(&self.site.table, &self.library()?, &id).await?;
        Ok(self.signed(&photo))
    }
}
