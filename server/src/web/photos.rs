//! The room `photos` for one viewer.

use super::fault::tell;
use super::guard::Visitor;
use super::redirect::{redirect, turn_back};
use super::{ForViewer, Web};
use crate::albums::access::{OpenLibrary, open_library};
use crate::aws::table::Page;
use crate::failure::{Failure, While};
use crate::live::missed::{last_number, settled_number};
use crate::now;
use crate::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use crate::photos::preview::{self, Sent};
use crate::photos::records::PhotoRecord;
use crate::photos::{amend, days, name, receive, shelves, timeline, trash, upload};
use app::photos::api::Photos;
use app::ui::fault::Fault;
use async_trait::async_trait;
use axum::extract::{Extension, Path, State as Given};
use axum::response::Response;
use model::addresses::OwnPath;
use model::ids::PhotoId;
use model::photos::{Amendment, Grant, Part, Photo, Preview, Put, State, Upload, Wanted};
use model::refusals::Refusal;
use model::timeline::{DayCount, Neighbours, Shelf, Start, Timeline};
use std::time::Duration;

/// How long the address of an original is good.
const ORIGINAL_LASTS: Duration = Duration::from_secs(60);

impl ForViewer {
    fn library(&self) -> Result<OpenLibrary, Fault> {
        open_library(&self.viewer).map_err(tell)
    }

    /// What this viewer sees of a photo: with links that work.
    fn seen(&self, photo: &PhotoRecord) -> Photo {
        self.site.signer.prove(photo.photo(), now())
    }

    /// What is shown of a photo among others. Who opens it asks for the rest.
    fn tile(&self, photo: &PhotoRecord) -> Photo {
        let seen = self.seen(photo);
        match seen.state {
            State::Ready => seen.trimmed(),
            _ => seen,
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

/// Sends the browser to the original of a photo, which is saved under its name.
pub async fn original(Given(web): Given<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<String>) -> Response {
    match address_of_original(&web, &visitor, &id).await {
        Ok(address) => redirect(&address, &[]),
        Err(Failure::Refused(Refusal::SignInFirst)) => {
            let to = OwnPath::parse(&format!("/photos/{id}"));
            turn_back(Refusal::SignInFirst.into(), "/sign-in", to.as_ref())
        }
        Err(failure) => turn_back(failure, "/", None),
    }
}

async fn address_of_original(web: &Web, visitor: &Visitor, id: &str) -> Result<String, Failure> {
    let library = open_library(&visitor.viewer)?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    let photo = timeline::photo(&web.0.table, &library, &id).await?;
    let originals = &web.0.originals;
    originals
        .presign_download(&photo.original_key(), &name::of_download(&photo), ORIGINAL_LASTS)
        .await
}

#[async_trait]
impl Photos for ForViewer {
    async fn timeline(&self, start: Start) -> Result<Timeline, Fault> {
        let (table, library) = (&self.site.table, self.library()?);
        // The number first: what happens in between is then told again.
        let number = settled_number(table, &library).await.map_err(tell)?;
        let page = timeline::timeline(table, &library, &start).await.map_err(tell)?;
        Ok(self.page(page, number))
    }

    async fn days(&self) -> Result<Vec<DayCount>, Fault> {
        days::days(&self.site.table, &self.library()?).await.map_err(tell)
    }

    async fn shelf(&self, shelf: Shelf, start: Start) -> Result<Timeline, Fault> {
        let (table, library) = (&self.site.table, self.library()?);
        let number = match shelf {
            Shelf::Archive => settled_number(table, &library).await,
            // They are read from the table itself, which has all that was told.
            Shelf::Favourites => last_number(table, &library).await,
        };
        let number = number.map_err(tell)?;
        let page = shelves::shelf(table, &library, shelf, &start).await.map_err(tell)?;
        Ok(self.page(page, number))
    }

    async fn beside(&self, id: PhotoId, shelf: Option<Shelf>) -> Result<Neighbours, Fault> {
        let (newer, older) = shelves::beside(&self.table, &self.library()?, &id, shelf)
            .await
            .map_err(tell)?;
        let tiles = |photos: Vec<PhotoRecord>| photos.iter().map(|photo| self.tile(photo)).collect();
        Ok(Neighbours {
            newer: tiles(newer),
            older: tiles(older),
        })
    }

    async fn amend(&self, id: PhotoId, amendment: Amendment) -> Result<Photo, Fault> {
        let photo = amend::amend(&self.site.table, &self.library()?, &id, amendment)
            .await
            .map_err(tell)?;
        Ok(self.seen(&photo))
    }

    async fn photo(&self, id: PhotoId) -> Result<Photo, Fault> {
        let photo = timeline::photo(&self.table, &self.library()?, &id).await.map_err(tell)?;
        Ok(self.seen(&photo))
    }

    async fn grant(&self, wanted: Wanted) -> Result<Grant, Fault> {
        let library = self.library()?;
        let wanted = Announced::parse(wanted)?;
        let here = &self.site;
        let granted = grant::grant(&here.table, &library, &wanted, GRANT_LASTS)
            .await
            .map_err(tell)?;
        let photo = self.seen(granted.photo());
        let upload = match granted {
            Granted::Known(_) => None,
            Granted::Expected(photo) => Some(upload::travels(&here.table, &here.originals, photo).await.map_err(tell)?),
        };
        Ok(Grant { photo, upload })
    }

    async fn sign(&self, id: PhotoId) -> Result<Upload, Fault> {
        let (library, here) = (self.library()?, &self.site);
        upload::sign(&here.table, &here.originals, &library, &id).await.map_err(tell)
    }

    async fn sign_parts(&self, id: PhotoId, parts: Vec<Part>) -> Result<Vec<Put>, Fault> {
        let (library, here) = (self.library()?, &self.site);
        upload::sign_parts(&here.table, &here.originals, &library, &id, &parts)
            .await
            .map_err(tell)
    }

    async fn preview(&self, id: PhotoId, sent: Preview) -> Result<Photo, Fault> {
        let (library, here, sent) = (self.library()?, &self.site, Sent::parse(&sent)?);
        let apart = develop::Apart::here().while_doing("find the program").map_err(tell)?;
        let photo = preview::show(&here.table, &here.media, apart, &library, &id, sent).await;
        Ok(self.seen(&photo.map_err(tell)?))
    }

    async fn announce(&self, id: PhotoId) -> Result<Photo, Fault> {
        let (library, here) = (self.library()?, &self.site);
        let photo = receive::announced(&here.table, &here.originals, &here.workflow, &library, &id)
            .await
            .map_err(tell)?;
        Ok(self.seen(&photo))
    }

    async fn give_up(&self, id: PhotoId) -> Result<Photo, Fault> {
        let photo = grant::give_up(&self.site.table, &self.site.originals, &self.library()?, &id)
            .await
            .map_err(tell)?;
        Ok(self.seen(&photo))
    }

    async fn put_away(&self, id: PhotoId) -> Result<Photo, Fault> {
        let photo = trash::put_away(&self.site.table, &self.library()?, &id).await.map_err(tell)?;
        Ok(self.seen(&photo))
    }
}
