//! Passkeys. Options and credentials are WebAuthn's JSON, as text.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::error::RequestError;
use leptos::prelude::*;
use model::accounts::{Passkey, PasskeyChallenge};

#[cfg(feature = "ssr")]
use crate::context::service;

/// Signing in with a passkey, and the passkeys of an account.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Passkeys: Send + Sync {
    /// The challenge for a passkey of an address.
    async fn challenge(&self, email: String) -> Result<PasskeyChallenge, RequestError>;
    /// Signs in with the response to the challenge.
    async fn sign_in(
        &self,
        ceremony: String,
        answer: String,
        to: Option<String>,
        zone: Option<String>,
    ) -> Result<(), RequestError>;
    /// The viewer's passkeys.
    async fn passkeys(&self) -> Result<Vec<Passkey>, RequestError>;
    /// Begins to add one; returns the creation options.
    async fn begin(&self, password: String, code: Option<String>) -> Result<String, RequestError>;
    /// Adds the credential that the browser created.
    async fn finish(&self, answer: String) -> Result<(), RequestError>;
    /// Removes one.
    async fn remove(&self, id: String, password: String, code: Option<String>) -> Result<(), RequestError>;
}

/// The challenge for a passkey of an address.
#[server(name = GetPasskeyChallenge, endpoint = "accounts/ask_passkey")]
pub async fn passkey_challenge(email: String) -> Result<PasskeyChallenge, RequestError> {
    service::<dyn Passkeys>()?.challenge(email).await
}

/// Signs in with the response to the challenge.
#[server(endpoint = "accounts/passkey_sign_in")]
pub async fn passkey_sign_in(
    ceremony: String,
    answer: String,
    to: Option<String>,
    zone: Option<String>,
) -> Result<(), RequestError> {
    service::<dyn Passkeys>()?.sign_in(ceremony, answer, to, zone).await
}

/// The viewer's passkeys.
#[server(name = GetPasskeys, endpoint = "accounts/passkeys")]
pub async fn passkeys() -> Result<Vec<Passkey>, RequestError> {
    service::<dyn Passkeys>()?.passkeys().await
}

/// Begins to add a passkey.
#[server(endpoint = "accounts/begin_passkey")]
pub async fn begin_passkey(password: String, code: Option<String>) -> Result<String, RequestError> {
    service::<dyn Passkeys>()?.begin(password, code).await
}

/// Adds the credential that the browser created.
#[server(endpoint = "accounts/finish_passkey")]
pub async fn finish_passkey(answer: String) -> Result<(), RequestError> {
    service::<dyn Passkeys>()?.finish(answer).await
}

/// Removes a passkey.
#[server(endpoint = "accounts/remove_passkey")]
pub async fn remove_passkey(id: String, password: String, code: Option<String>) -> Result<(), RequestError> {
    service::<dyn Passkeys>()?.remove(id, password, code).await
}
