//! Server functions of live updates.

use super::ViewerServices;
use crate::albums::access::open_library;
use crate::live::{broadcast, catch_up, ticket};
use app::live::api::Live;
use app::ui::error::RequestError;
use async_trait::async_trait;
use model::live::{Missed, Ticket};

#[async_trait]
impl Live for ViewerServices {
    async fn ticket(&self) -> Result<Ticket, RequestError> {
        let library = open_library(&self.viewer)?;
        let session = &self.viewer.signed_in()?.session.hash;
        Ok(ticket::issue(&self.site.table, &library, session, &self.site.socket_address).await?)
    }

    async fn missed(&self, after: u64) -> Result<Missed, RequestError> {
        let library = open_library(&self.viewer)?;
        let events = catch_up::missed(&self.site.table, &library, after).await?;
        Ok(events.map_or(Missed::TooMuch, |events| Missed::Messages {
            messages: events
                .into_iter()
                .map(|event| broadcast::message(&self.site.signer, event))
                .collect(),
        }))
    }
}
