//! Taking everything along, and leaving.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::fault::Fault;
use leptos::prelude::*;
use model::accounts::Export;

#[cfg(feature = "ssr")]
use crate::Rooms;

/// A copy of everything, and the end of an account.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Leaving: Send + Sync {
    /// The export that the viewer asked for last.
    async fn exported(&self) -> Result<Option<Export>, Fault>;
    /// Has an export made.
    async fn export(&self) -> Result<(), Fault>;
    /// Has the viewer's account deleted.
    async fn leave(&self, password: String, code: Option<String>, sure: bool) -> Result<(), Fault>;
}

/// The export that was asked for last.
#[server(name = AskExported, endpoint = "accounts/exported")]
pub async fn exported() -> Result<Option<Export>, Fault> {
    Rooms::here()?.leaving.exported().await
}

/// Has an export made.
#[server(name = AskExport, endpoint = "accounts/export")]
pub async fn export() -> Result<(), Fault> {
    Rooms::here()?.leaving.export().await
}

/// Has the account deleted.
#[server(endpoint = "accounts/leave")]
pub async fn leave(password: String, code: Option<String>, sure: Option<bool>) -> Result<(), Fault> {
    Rooms::here()?.leaving.leave(password, code, sure == Some(true)).await
}
