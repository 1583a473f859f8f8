//! The room `live` for one viewer.

use super::ForViewer;
use super::fault::tell;
use crate::albums::access::open_library;
use crate::live::{broadcast, missed, ticket};
use app::live::api::Live;
use app::ui::fault::Fault;
use async_trait::async_trait;
use model::live::{Missed, Ticket};

#[async_trait]
impl Live for ForViewer {
    async fn ticket(&self) -> Result<Ticket, Fault> {
        let library = open_library(&self.viewer).map_err(tell)?;
        let session = &self.viewer.signed_in()?.session.hash;
        ticket::issue(&self.site.table, &library, session, &self.site.socket_address)
            .await
            .map_err(tell)
    }

    async fn missed(&self, after: u64) -> Result<Missed, Fault> {
        let library = open_library(&self.viewer).map_err(tell)?;
        let events = missed::missed(&self.site.table, &library, after).await.map_err(tell)?;
        Ok(events.map_or(Missed::TooMuch, |events| Missed::Messages {
            messages: events
                .into_iter()
                .map(|event| broadcast::message(&self.site.signer, event))
                .collect(),
        }))
    }
}
