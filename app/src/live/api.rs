//! Tickets for the socket, and missed messages.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::error::RequestError;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::live::{Missed, Ticket};

#[cfg(feature = "ssr")]
use crate::context::service;

/// Live updates of the viewer's library.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Live: Send + Sync {
    /// A ticket for the socket.
    async fn ticket(&self) -> Result<Ticket, RequestError>;
    /// The messages after a sequence number.
    async fn missed(&self, after: u64) -> Result<Missed, RequestError>;
}

/// A ticket for the socket.
#[server(name = IssueTicket, endpoint = "live/ticket", input = Json)]
pub async fn ticket() -> Result<Ticket, RequestError> {
    service::<dyn Live>()?.ticket().await
}

/// The messages after a sequence number.
#[server(name = GetMissed, endpoint = "live/missed", input = Json)]
pub async fn missed(after: u64) -> Result<Missed, RequestError> {
    service::<dyn Live>()?.missed(after).await
}
