//! The site's accounts, invitations and limits.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::error::RequestError;
use leptos::prelude::*;
use model::accounts::{Group, People as Everybody};
use model::ids::AccountId;

#[cfg(feature = "ssr")]
use crate::context::service;

/// Administration of the site.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait People: Send + Sync {
    /// Accounts, invitations and limits.
    async fn people(&self) -> Result<Everybody, RequestError>;
    /// Opens or closes sign-up for everybody.
    async fn set_open(&self, open: bool) -> Result<(), RequestError>;
    /// Sets the limits of each library, in GB and in photos, as they were typed.
    async fn set_quota(&self, gigabytes: String, photos: String) -> Result<(), RequestError>;
    /// Invites somebody by mail.
    async fn invite(&self, email: String) -> Result<(), RequestError>;
    /// Revokes an invitation.
    async fn revoke_invitation(&self, invitation: String) -> Result<(), RequestError>;
    /// Adds an account to a group, or removes it.
    async fn set_group(&self, account: AccountId, group: Group, within: bool) -> Result<(), RequestError>;
}

/// Accounts, invitations and limits.
#[server(name = GetPeople, endpoint = "accounts/people")]
pub async fn people() -> Result<Everybody, RequestError> {
    service::<dyn People>()?.people().await
}

/// Opens or closes sign-up for everybody.
#[server(endpoint = "accounts/set_open")]
pub async fn set_open(#[server(default)] open: bool) -> Result<(), RequestError> {
    service::<dyn People>()?.set_open(open).await
}

/// Sets the limits of each library, in GB and in photos.
#[server(endpoint = "accounts/set_quota")]
pub async fn set_quota(gigabytes: String, photos: String) -> Result<(), RequestError> {
    service::<dyn People>()?.set_quota(gigabytes, photos).await
}

/// Invites somebody.
#[server(endpoint = "accounts/invite")]
pub async fn invite(email: String) -> Result<(), RequestError> {
    service::<dyn People>()?.invite(email).await
}

/// Revokes an invitation.
#[server(endpoint = "accounts/withdraw")]
pub async fn revoke_invitation(invitation: String) -> Result<(), RequestError> {
    service::<dyn People>()?.revoke_invitation(invitation).await
}

/// Adds an account to a group, or removes it.
#[server(endpoint = "accounts/set_group")]
pub async fn set_group(account: AccountId, group: Group, #[server(default)] within: bool) -> Result<(), RequestError> {
    service::<dyn People>()?.set_group(account, group, within).await
}
