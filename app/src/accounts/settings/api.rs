//! Settings of the viewer's account.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::error::RequestError;
use leptos::prelude::*;
use model::accounts::{SecondStepSetup, Security, Session, Usage};

#[cfg(feature = "ssr")]
use crate::context::service;

/// Settings of the viewer's account.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Settings: Send + Sync {
    /// The storage that the library uses.
    async fn usage(&self) -> Result<Usage, RequestError>;
    /// The account's security settings.
    async fn security(&self) -> Result<Security, RequestError>;
    /// Its sessions, newest first.
    async fn sessions(&self) -> Result<Vec<Session>, RequestError>;
    /// Ends one of its sessions.
    async fn end_session(&self, id: String) -> Result<(), RequestError>;
    /// Ends all of its sessions except the current one.
    async fn end_other_sessions(&self) -> Result<(), RequestError>;
    /// Changes its password. Other sessions end.
    async fn change_password(&self, password: String, new_password: String) -> Result<(), RequestError>;
    /// Sends a code to another address.
    async fn change_email(&self, email: String, password: String) -> Result<(), RequestError>;
    /// Verifies that address by its code, and changes to it.
    async fn verify_email(&self, code: String) -> Result<(), RequestError>;
    /// Begins to set up two-factor authentication.
    async fn begin_second_step(&self, password: String) -> Result<(), RequestError>;
    /// The pending setup, if there is one.
    async fn second_step_setup(&self) -> Result<Option<SecondStepSetup>, RequestError>;
    /// Turns two-factor authentication on. Other sessions end.
    async fn finish_second_step(&self, code: String) -> Result<(), RequestError>;
    /// Cancels the pending setup.
    async fn cancel_second_step(&self) -> Result<(), RequestError>;
    /// Turns two-factor authentication off.
    async fn end_second_step(&self, password: String, code: Option<String>) -> Result<(), RequestError>;
}

/// The storage that the library uses.
#[server(name = GetUsage, endpoint = "accounts/usage")]
pub async fn usage() -> Result<Usage, RequestError> {
    service::<dyn Settings>()?.usage().await
}

/// The account's security settings.
#[server(name = GetSecurity, endpoint = "accounts/security")]
pub async fn security() -> Result<Security, RequestError> {
    service::<dyn Settings>()?.security().await
}

/// The account's sessions.
#[server(name = GetSessions, endpoint = "accounts/sessions")]
pub async fn sessions() -> Result<Vec<Session>, RequestError> {
    service::<dyn Settings>()?.sessions().await
}

/// Ends one session.
#[server(endpoint = "accounts/end_session")]
pub async fn end_session(id: String) -> Result<(), RequestError> {
    service::<dyn Settings>()?.end_session(id).await
}

/// Ends all other sessions.
#[server(endpoint = "accounts/end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), RequestError> {
    service::<dyn Settings>()?.end_other_sessions().await
}

/// Changes the password.
#[server(endpoint = "accounts/change_password")]
pub async fn change_password(password: String, new_password: String) -> Result<(), RequestError> {
    service::<dyn Settings>()?.change_password(password, new_password).await
}

/// Sends a code to another address.
#[server(endpoint = "accounts/change_email")]
pub async fn change_email(email: String, password: String) -> Result<(), RequestError> {
    service::<dyn Settings>()?.change_email(email, password).await
}

/// Verifies another address by its code, and changes to it.
#[server(endpoint = "accounts/prove_email")]
pub async fn verify_email(code: String) -> Result<(), RequestError> {
    service::<dyn Settings>()?.verify_email(code).await
}

/// Begins to set up two-factor authentication.
#[server(endpoint = "accounts/begin_second_step")]
pub async fn begin_second_step(password: String) -> Result<(), RequestError> {
    service::<dyn Settings>()?.begin_second_step(password).await
}

/// The pending setup, if there is one.
#[server(name = GetSecondStepSetup, endpoint = "accounts/second_step_setup")]
pub async fn second_step_setup() -> Result<Option<SecondStepSetup>, RequestError> {
    service::<dyn Settings>()?.second_step_setup().await
}

/// Turns two-factor authentication on.
#[server(endpoint = "accounts/finish_second_step")]
pub async fn finish_second_step(code: String) -> Result<(), RequestError> {
    service::<dyn Settings>()?.finish_second_step(code).await
}

/// Cancels the pending setup.
#[server(endpoint = "accounts/cancel_second_step")]
pub async fn cancel_second_step() -> Result<(), RequestError> {
    service::<dyn Settings>()?.cancel_second_step().await
}

/// Turns two-factor authentication off.
#[server(endpoint = "accounts/end_second_step")]
pub async fn end_second_step(password: String, code: Option<String>) -> Result<(), RequestError> {
    service::<dyn Settings>()?.end_second_step(password, code).await
}
