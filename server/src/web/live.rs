//! Server functions of live updates.

use super::ViewerServices;
use super::fault::to_fault;
use crate::albums::access::open_library;
use crate::live::{broadcast, missed, ticket};
use app::live::api::Live;
use app::ui::fault::Fault;
use async_trait::async_trait;
use model::live::{Missed, Ticket};

#[async_trait]
impl Live for ViewerServices {
    async fn ticket(&self) -> Result<Ticket, Fault> {
        let library = open_library(&self.viewer).map_err(to_fault)?;
        let session = &self.viewer.signed_in()?.session.hash;
        ticket::issue(&self.site.table, &library, session, &self.site.socket_address)
            .await
            .map_err(to_fault)
    }

    async fn missed(&self, after: u64) -> Result<Missed, Fault> {
        let library = open_library(&self.viewer).map_err(to_fault)?;
        let events = missed::missed(&self.site.table, &library, after).await.map_err(to_fault)?;
        Ok(events.map_or(Missed::TooMuch, |events| Missed::Messages {
            messages: events
                .into_iter()
                .map(|event| broadcast::message(&self.site.signer, event))
                .collect(),
        }))
    }
}
