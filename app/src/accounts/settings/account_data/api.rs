//! Exporting and deleting an account.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::error::RequestError;
use leptos::prelude::*;
use model::accounts::Export;

#[cfg(feature = "ssr")]
use crate::context::service;

/// Exporting and deleting the viewer's account.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait AccountData: Send + Sync {
    /// The latest export.
    async fn exported(&self) -> Result<Option<Export>, RequestError>;
    /// Starts an export.
    async fn export(&self) -> Result<(), RequestError>;
    /// Starts deleting the account.
    async fn delete_account(&self, password: String, code: Option<String>, sure: bool) -> Result<(), RequestError>;
}

/// The latest export.
#[server(name = GetExport, endpoint = "accounts/exported")]
pub async fn exported() -> Result<Option<Export>, RequestError> {
    service::<dyn AccountData>()?.exported().await
}

/// Starts an export.
#[server(name = StartExport, endpoint = "accounts/export")]
pub async fn export() -> Result<(), RequestError> {
    service::<dyn AccountData>()?.export().await
}

/// Starts deleting the account.
#[server(endpoint = "accounts/leave")]
pub async fn delete_account(password: String, code: Option<String>, sure: Option<bool>) -> Result<(), RequestError> {
    service::<dyn AccountData>()?
        .delete_account(password, code, sure == Some(true))
        .await
}
