//! Signing up, in and out.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::error::RequestError;
use leptos::prelude::*;
use model::accounts::{Admission, Me};

#[cfg(feature = "ssr")]
use crate::context::service;

/// Signing up, in and out.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Accounts: Send + Sync {
    /// Who is signed in, if anybody.
    async fn me(&self) -> Result<Option<Me>, RequestError>;
    /// Who may sign up now.
    async fn admission(&self) -> Result<Admission, RequestError>;
    /// Begins a sign-up: sends a code to the address, and redirects to the page that takes it.
    async fn sign_up(&self, email: String, owner_code: Option<String>) -> Result<(), RequestError>;
    /// Verifies the address by its code, sets the password, and signs in.
    async fn confirm(&self, email: String, code: String, password: String, zone: Option<String>) -> Result<(), RequestError>;
    /// Sends another code to an address that is being verified.
    async fn resend_code(&self, email: String) -> Result<(), RequestError>;
    /// The address that an invitation is for.
    async fn invited_email(&self, invitation: String) -> Result<String, RequestError>;
    /// Accepts an invitation, sets a password, and signs in.
    async fn join(&self, invitation: String, password: String, zone: Option<String>) -> Result<(), RequestError>;
    /// Signs in, or redirects to the second step. Redirects to a page of this site, or to the timeline.
    async fn sign_in(
        &self,
        email: String,
        password: String,
        to: Option<String>,
        zone: Option<String>,
    ) -> Result<(), RequestError>;
    /// Signs in with a two-factor code or a recovery code.
    async fn second_step(&self, code: String) -> Result<(), RequestError>;
    /// Sends a code for resetting the password, and redirects to the page that takes it.
    async fn forgot(&self, email: String) -> Result<(), RequestError>;
    /// Resets the password, and signs in.
    async fn reset(&self, email: String, code: String, password: String, zone: Option<String>) -> Result<(), RequestError>;
    /// Ends the session, and redirects to the sign-in page.
    async fn sign_out(&self) -> Result<(), RequestError>;
    /// Renews the media cookie for ten minutes.
    async fn renew_media(&self) -> Result<(), RequestError>;
}

/// Who is signed in, if anybody.
#[server(name = GetMe, endpoint = "accounts/me")]
pub async fn me() -> Result<Option<Me>, RequestError> {
    service::<dyn Accounts>()?.me().await
}

/// Who may sign up now.
#[server(name = GetAdmission, endpoint = "accounts/admission")]
pub async fn admission() -> Result<Admission, RequestError> {
    service::<dyn Accounts>()?.admission().await
}

/// Begins a sign-up.
#[server(endpoint = "accounts/sign_up")]
pub async fn sign_up(email: String, #[server(default)] owner_code: Option<String>) -> Result<(), RequestError> {
    service::<dyn Accounts>()?.sign_up(email, owner_code).await
}

/// Verifies an address by its code, and signs in.
#[server(endpoint = "accounts/confirm")]
pub async fn confirm(
    email: String,
    code: String,
    password: String,
    #[server(default)] zone: Option<String>,
) -> Result<(), RequestError> {
    service::<dyn Accounts>()?.confirm(email, code, password, zone).await
}

/// Sends another code.
#[server(endpoint = "accounts/resend_code")]
pub async fn resend_code(email: String) -> Result<(), RequestError> {
    service::<dyn Accounts>()?.resend_code(email).await
}

/// The address that an invitation is for.
#[server(name = GetInvitedEmail, endpoint = "accounts/invited")]
pub async fn invited_email(invitation: String) -> Result<String, RequestError> {
    service::<dyn Accounts>()?.invited_email(invitation).await
}

/// Accepts an invitation.
#[server(endpoint = "accounts/join")]
pub async fn join(invitation: String, password: String, #[server(default)] zone: Option<String>) -> Result<(), RequestError> {
    service::<dyn Accounts>()?.join(invitation, password, zone).await
}

/// Signs in.
#[server(endpoint = "accounts/sign_in")]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] to: Option<String>,
    #[server(default)] zone: Option<String>,
) -> Result<(), RequestError> {
    service::<dyn Accounts>()?.sign_in(email, password, to, zone).await
}

/// Signs in with a second factor.
#[server(endpoint = "accounts/second_step")]
pub async fn second_step(code: String) -> Result<(), RequestError> {
    service::<dyn Accounts>()?.second_step(code).await
}

/// Sends a code for resetting the password.
#[server(endpoint = "accounts/forgot")]
pub async fn forgot(email: String) -> Result<(), RequestError> {
    service::<dyn Accounts>()?.forgot(email).await
}

/// Resets the password.
#[server(endpoint = "accounts/reset")]
pub async fn reset(
    email: String,
    code: String,
    password: String,
    #[server(default)] zone: Option<String>,
) -> Result<(), RequestError> {
    service::<dyn Accounts>()?.reset(email, code, password, zone).await
}

/// Ends the session.
#[server(endpoint = "accounts/sign_out")]
pub async fn sign_out() -> Result<(), RequestError> {
    service::<dyn Accounts>()?.sign_out().await
}

/// Renews the media cookie for ten minutes.
#[server(endpoint = "accounts/renew_media")]
pub async fn renew_media() -> Result<(), RequestError> {
    service::<dyn Accounts>()?.renew_media().await
}
