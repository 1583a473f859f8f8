//! What one can change about one's own account.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::fault::Fault;
use leptos::prelude::*;
use model::accounts::{SecondStepSetup, Security, Session, Usage};

#[cfg(feature = "ssr")]
use crate::Rooms;

/// The viewer's own account.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Settings: Send + Sync {
    /// The room that its library takes.
    async fn usage(&self) -> Result<Usage, Fault>;
    /// How the account is guarded.
    async fn security(&self) -> Result<Security, Fault>;
    /// Where it is signed in, the newest first.
    async fn sessions(&self) -> Result<Vec<Session>, Fault>;
    /// Ends one of its sessions.
    async fn end_session(&self, id: String) -> Result<(), Fault>;
    /// Ends all of its sessions but the one that asks.
    async fn end_other_sessions(&self) -> Result<(), Fault>;
    /// Changes its password. Other sessions end.
    async fn change_password(&self, password: String, new_password: String) -> Result<(), Fault>;
    /// Sends a code to another address.
    async fn change_email(&self, email: String, password: String) -> Result<(), Fault>;
    /// Moves to that address.
    async fn prove_email(&self, code: String) -> Result<(), Fault>;
    /// Begins to set a second step up.
    async fn begin_second_step(&self, password: String) -> Result<(), Fault>;
    /// What is being set up, if anything.
    async fn second_step_setup(&self) -> Result<Option<SecondStepSetup>, Fault>;
    /// Turns the second step on. Other sessions end.
    async fn finish_second_step(&self, code: String) -> Result<(), Fault>;
    /// Forgets what was begun.
    async fn cancel_second_step(&self) -> Result<(), Fault>;
    /// Turns the second step off.
    async fn end_second_step(&self, password: String, code: Option<String>) -> Result<(), Fault>;
}

/// The room that the library takes.
#[server(name = AskUsage, endpoint = "accounts/usage")]
pub async fn usage() -> Result<Usage, Fault> {
    Rooms::here()?.settings.usage().await
}

/// How the account is guarded.
#[server(name = AskSecurity, endpoint = "accounts/security")]
pub async fn security() -> Result<Security, Fault> {
    Rooms::here()?.settings.security().await
}

/// Where the account is signed in.
#[server(name = AskSessions, endpoint = "accounts/sessions")]
pub async fn sessions() -> Result<Vec<Session>, Fault> {
    Rooms::here()?.settings.sessions().await
}

/// Ends one session.
#[server(endpoint = "accounts/end_session")]
pub async fn end_session(id: String) -> Result<(), Fault> {
    Rooms::here()?.settings.end_session(id).await
}

/// Ends all other sessions.
#[server(endpoint = "accounts/end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), Fault> {
    Rooms::here()?.settings.end_other_sessions().await
}

/// Changes the password.
#[server(endpoint = "accounts/change_password")]
pub async fn change_password(password: String, new_password: String) -> Result<(), Fault> {
    Rooms::here()?.settings.change_password(password, new_password).await
}

/// Sends a code to another address.
#[server(endpoint = "accounts/change_email")]
pub async fn change_email(email: String, password: String) -> Result<(), Fault> {
    Rooms::here()?.settings.change_email(email, password).await
}

/// Moves to another address.
#[server(endpoint = "accounts/prove_email")]
pub async fn prove_email(code: String) -> Result<(), Fault> {
    Rooms::here()?.settings.prove_email(code).await
}

/// Begins to set a second step up.
#[server(endpoint = "accounts/begin_second_step")]
pub async fn begin_second_step(password: String) -> Result<(), Fault> {
    Rooms::here()?.settings.begin_second_step(password).await
}

/// What is being set up, if anything.
#[server(name = AskSecondStepSetup, endpoint = "accounts/second_step_setup")]
pub async fn second_step_setup() -> Result<Option<SecondStepSetup>, Fault> {
    Rooms::here()?.settings.second_step_setup().await
}

/// Turns the second step on.
#[server(endpoint = "accounts/finish_second_step")]
pub async fn finish_second_step(code: String) -> Result<(), Fault> {
    Rooms::here()?.settings.finish_second_step(code).await
}

/// Forgets what was begun.
#[server(endpoint = "accounts/cancel_second_step")]
pub async fn cancel_second_step() -> Result<(), Fault> {
    Rooms::here()?.settings.cancel_second_step().await
}

/// Turns the second step off.
#[server(endpoint = "accounts/end_second_step")]
pub async fn end_second_step(password: String, code: Option<String>) -> Result<(), Fault> {
    Rooms::here()?.settings.end_second_step(password, code).await
}
