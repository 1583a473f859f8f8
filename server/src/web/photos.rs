//! The room `photos` for one viewer.

use super::ForViewer;
use super::fault::tell;
use crate::albums::access::{OpenLibrary, open_library};
use crate::failure::Failure;
use crate::live::missed::settled_number;
use crate::now;
use crate::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use crate::photos::preview::{self, Sent};
use crate::photos::records::PhotoRecord;
use crate::photos::{receive, timeline, trash, upload};
use app::photos::api::Photos;
use app::ui::fault::Fault;
use async_trait::async_trait;
use model::ids::PhotoId;
use model::photos::{Grant, Part, Photo, Preview, Put, Timeline, Upload, Wanted};

impl ForViewer {
    fn library(&self) -> Result<OpenLibrary, Fault> {
        open_library(&self.viewer).map_err(tell)
    }

    /// What this viewer sees of a photo: with links that work.
    fn seen(&self, photo: &PhotoRecord) -> Photo {
        self.site.signer.prove(photo.photo(), now())
    }

    async fn page(&self, library: &OpenLibrary, before: Option<&str>) -> Result<Timeline, Failure> {
        // The number first: what happens in between is then told again.
        let number = settled_number(&self.site.table, library).await?;
        let page = timeline::timeline(&self.site.table, library, before).await?;
        let older = page.items.last().filter(|_| page.more).map(|photo| photo.timeline_sk.clone());
        Ok(Timeline {
            photos: page.items.iter().map(|photo| self.seen(photo)).collect(),
            older,
            number,
        })
    }
}

#[async_trait]
impl Photos for ForViewer {
    async fn timeline(&self, before: Option<String>) -> Result<Timeline, Fault> {
        self.page(&self.library()?, before.as_deref()).await.map_err(tell)
    }

    async fn photo(&self, id: PhotoId) -> Result<Photo, Fault> {
        let photo = timeline::photo(&self.site.table, &self.library()?, &id).await.map_err(tell)?;
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
        let photo = preview::show(&here.table, &here.media, &library, &id, sent).await;
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
