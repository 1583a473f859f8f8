//! Signing up, in and out.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::fault::Fault;
use leptos::prelude::*;
use model::accounts::{Admission, Me};

#[cfg(feature = "ssr")]
use crate::Rooms;

/// What a viewer can do about accounts.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Accounts: Send + Sync {
    /// Who is signed in, if anybody.
    async fn me(&self) -> Result<Option<Me>, Fault>;
    /// Who may sign up now.
    async fn admission(&self) -> Result<Admission, Fault>;
    /// Begins an account: a code goes to the address. Goes on to the page that takes the code.
    async fn sign_up(&self, email: String, password: String, owner_code: Option<String>) -> Result<(), Fault>;
    /// Proves the address by its code. Goes on to signing in.
    async fn confirm(&self, email: String, code: String) -> Result<(), Fault>;
    /// Sends another code.
    async fn resend_code(&self, email: String) -> Result<(), Fault>;
    /// Begins a session. Goes on to a page of this site, or to the timeline.
    async fn sign_in(&self, email: String, password: String, to: Option<String>) -> Result<(), Fault>;
    /// Ends the session. Goes on to signing in.
    async fn sign_out(&self) -> Result<(), Fault>;
    /// Opens the site to new accounts, or closes it.
    async fn set_open(&self, open: bool) -> Result<(), Fault>;
    /// Sets the media cookie for another ten minutes.
    async fn renew_media(&self) -> Result<(), Fault>;
}

/// Who is signed in, if anybody.
#[server(name = AskMe, endpoint = "accounts/me")]
pub async fn me() -> Result<Option<Me>, Fault> {
    Rooms::here()?.accounts.me().await
}

/// Who may sign up now.
#[server(name = AskAdmission, endpoint = "accounts/admission")]
pub async fn admission() -> Result<Admission, Fault> {
    Rooms::here()?.accounts.admission().await
}

/// Begins an account.
#[server(endpoint = "accounts/sign_up")]
pub async fn sign_up(email: String, password: String, #[server(default)] owner_code: Option<String>) -> Result<(), Fault> {
    Rooms::here()?.accounts.sign_up(email, password, owner_code).await
}

/// Proves an address by its code.
#[server(endpoint = "accounts/confirm")]
pub async fn confirm(email: String, code: String) -> Result<(), Fault> {
    Rooms::here()?.accounts.confirm(email, code).await
}

/// Sends another code.
#[server(endpoint = "accounts/resend_code")]
pub async fn resend_code(email: String) -> Result<(), Fault> {
    Rooms::here()?.accounts.resend_code(email).await
}

/// Begins a session.
#[server(endpoint = "accounts/sign_in")]
pub async fn sign_in(email: String, password: String, #[server(default)] to: Option<String>) -> Result<(), Fault> {
    Rooms::here()?.accounts.sign_in(email, password, to).await
}

/// Ends the session.
#[server(endpoint = "accounts/sign_out")]
pub async fn sign_out() -> Result<(), Fault> {
    Rooms::here()?.accounts.sign_out().await
}

/// Opens the site to new accounts, or closes it.
#[server(endpoint = "accounts/set_open")]
pub async fn set_open(#[server(default)] open: bool) -> Result<(), Fault> {
    Rooms::here()?.accounts.set_open(open).await
}

/// Sets the media cookie for another ten minutes.
#[server(endpoint = "accounts/renew_media")]
pub async fn renew_media() -> Result<(), Fault> {
    Rooms::here()?.accounts.renew_media().await
}
