//! Who is here, and who may come in.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::fault::Fault;
use leptos::prelude::*;
use model::accounts::{Group, People as Everybody};
use model::ids::AccountId;

#[cfg(feature = "ssr")]
use crate::Rooms;

/// The people of the site.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait People: Send + Sync {
    /// Who is here, and who may come.
    async fn people(&self) -> Result<Everybody, Fault>;
    /// Opens the site to new accounts, or closes it.
    async fn set_open(&self, open: bool) -> Result<(), Fault>;
    /// Says how many GB each library may take and how many photos it may have, as they were typed.
    async fn set_quota(&self, gigabytes: String, photos: String) -> Result<(), Fault>;
    /// Asks somebody to come, by mail.
    async fn invite(&self, email: String) -> Result<(), Fault>;
    /// Takes an invitation back.
    async fn withdraw(&self, invitation: String) -> Result<(), Fault>;
    /// Puts an account into a group, or takes it out.
    async fn set_group(&self, account: AccountId, group: Group, within: bool) -> Result<(), Fault>;
}

/// Who is here, and who may come.
#[server(name = AskPeople, endpoint = "accounts/people")]
pub async fn people() -> Result<Everybody, Fault> {
    Rooms::here()?.people.people().await
}

/// Opens the site to new accounts, or closes it.
#[server(endpoint = "accounts/set_open")]
pub async fn set_open(#[server(default)] open: bool) -> Result<(), Fault> {
    Rooms::here()?.people.set_open(open).await
}

/// Says how many GB each library may take, and how many photos it may have.
#[server(endpoint = "accounts/set_quota")]
pub async fn set_quota(gigabytes: String, photos: String) -> Result<(), Fault> {
    Rooms::here()?.people.set_quota(gigabytes, photos).await
}

/// Asks somebody to come.
#[server(endpoint = "accounts/invite")]
pub async fn invite(email: String) -> Result<(), Fault> {
    Rooms::here()?.people.invite(email).await
}

/// Takes an invitation back.
#[server(endpoint = "accounts/withdraw")]
pub async fn withdraw(invitation: String) -> Result<(), Fault> {
    Rooms::here()?.people.withdraw(invitation).await
}

/// Puts an account into a group, or takes it out.
#[server(endpoint = "accounts/set_group")]
pub async fn set_group(account: AccountId, group: Group, #[server(default)] within: bool) -> Result<(), Fault> {
    Rooms::here()?.people.set_group(account, group, within).await
}
