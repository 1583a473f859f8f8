//! Sign-in providers, and the accounts linked at them.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::error::RequestError;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::context::service;

/// Sign-in providers, and the accounts linked at them.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait SignInMethods: Send + Sync {
    /// The providers that the site offers.
    async fn providers(&self) -> Result<Vec<String>, RequestError>;
    /// The viewer's linked accounts.
    async fn ways(&self) -> Result<model::accounts::SignInMethods, RequestError>;
    /// Links the pending identity of a provider.
    async fn link(&self, password: String, code: Option<String>) -> Result<(), RequestError>;
    /// Removes a link.
    async fn unlink(&self, id: String, password: String) -> Result<(), RequestError>;
}

/// The providers that the site offers.
#[server(name = GetProviders, endpoint = "accounts/providers")]
pub async fn providers() -> Result<Vec<String>, RequestError> {
    service::<dyn SignInMethods>()?.providers().await
}

/// The viewer's linked accounts.
#[server(name = GetSignInMethods, endpoint = "accounts/ways")]
pub async fn ways() -> Result<model::accounts::SignInMethods, RequestError> {
    service::<dyn SignInMethods>()?.ways().await
}

/// Links the pending identity of a provider.
#[server(endpoint = "accounts/link")]
pub async fn link(password: String, code: Option<String>) -> Result<(), RequestError> {
    service::<dyn SignInMethods>()?.link(password, code).await
}

/// Removes a link.
#[server(endpoint = "accounts/unlink")]
pub async fn unlink(id: String, password: String) -> Result<(), RequestError> {
    service::<dyn SignInMethods>()?.unlink(id, password).await
}
