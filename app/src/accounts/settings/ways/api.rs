//! How one comes in.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::fault::Fault;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::Rooms;

/// The ways in beside a password.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Ways: Send + Sync {
    /// Other providers that let people in.
    async fn providers(&self) -> Result<Vec<String>, Fault>;
    /// The ways into the viewer's account.
    async fn ways(&self) -> Result<model::accounts::Ways, Fault>;
    /// Links what a provider just said.
    async fn link(&self, password: String, code: Option<String>) -> Result<(), Fault>;
    /// Takes a link away.
    async fn unlink(&self, id: String, password: String) -> Result<(), Fault>;
}

/// Other providers that let people in.
#[server(name = AskProviders, endpoint = "accounts/providers")]
pub async fn providers() -> Result<Vec<String>, Fault> {
    Rooms::here()?.ways.providers().await
}

/// The ways into one's account.
#[server(name = AskWays, endpoint = "accounts/ways")]
pub async fn ways() -> Result<model::accounts::Ways, Fault> {
    Rooms::here()?.ways.ways().await
}

/// Links what a provider just said.
#[server(endpoint = "accounts/link")]
pub async fn link(password: String, code: Option<String>) -> Result<(), Fault> {
    Rooms::here()?.ways.link(password, code).await
}

/// Takes a link away.
#[server(endpoint = "accounts/unlink")]
pub async fn unlink(id: String, password: String) -> Result<(), Fault> {
    Rooms::here()?.ways.unlink(id, password).await
}
