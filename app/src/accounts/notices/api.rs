//! What one is told by mail and text message.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::fault::Fault;
use leptos::prelude::*;
use model::notices::{Choice, Choices, NoticeKind};

#[cfg(feature = "ssr")]
use crate::Rooms;

/// What the viewer is told by mail and text message.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Notices: Send + Sync {
    /// What the account chose.
    async fn choices(&self) -> Result<Choices, Fault>;
    /// Has mails of a kind sent, or not.
    async fn choose_mails(&self, kind: NoticeKind, on: bool) -> Result<(), Fault>;
    /// Has text messages of a kind sent, or not.
    async fn choose_texts(&self, kind: NoticeKind, on: bool) -> Result<(), Fault>;
    /// Sends a code to a phone.
    async fn set_phone(&self, phone: String, password: String, code: Option<String>) -> Result<(), Fault>;
    /// Proves the phone by its code.
    async fn prove_phone(&self, code: String) -> Result<(), Fault>;
    /// Forgets the phone.
    async fn remove_phone(&self, password: String, code: Option<String>) -> Result<(), Fault>;
    /// What a mail's link would stop, and whether it still comes. Whoever has the link may ask.
    async fn stoppable(&self, notice: String, proof: String) -> Result<Choice, Fault>;
    /// Stops it.
    async fn stop(&self, notice: String, proof: String) -> Result<(), Fault>;
}

/// What the account chose.
#[server(name = AskChoices, endpoint = "accounts/choices")]
pub async fn choices() -> Result<Choices, Fault> {
    Rooms::here()?.notices.choices().await
}

/// Has mails of a kind sent, or not.
#[server(endpoint = "accounts/choose_mails")]
pub async fn choose_mails(kind: NoticeKind, on: bool) -> Result<(), Fault> {
    Rooms::here()?.notices.choose_mails(kind, on).await
}

/// Has text messages of a kind sent, or not.
#[server(endpoint = "accounts/choose_texts")]
pub async fn choose_texts(kind: NoticeKind, on: bool) -> Result<(), Fault> {
    Rooms::here()?.notices.choose_texts(kind, on).await
}

/// Sends a code to a phone.
#[server(endpoint = "accounts/set_phone")]
pub async fn set_phone(phone: String, password: String, code: Option<String>) -> Result<(), Fault> {
    Rooms::here()?.notices.set_phone(phone, password, code).await
}

/// Proves the phone.
#[server(endpoint = "accounts/prove_phone")]
pub async fn prove_phone(code: String) -> Result<(), Fault> {
    Rooms::here()?.notices.prove_phone(code).await
}

/// Forgets the phone.
#[server(endpoint = "accounts/remove_phone")]
pub async fn remove_phone(password: String, code: Option<String>) -> Result<(), Fault> {
    Rooms::here()?.notices.remove_phone(password, code).await
}

/// What a mail's link would stop.
#[server(name = AskStoppable, endpoint = "accounts/stoppable")]
pub async fn stoppable(notice: String, proof: String) -> Result<Choice, Fault> {
    Rooms::here()?.notices.stoppable(notice, proof).await
}

/// Stops what a mail's link says.
#[server(name = StopMails, endpoint = "accounts/stop")]
pub async fn stop(notice: String, proof: String) -> Result<(), Fault> {
    Rooms::here()?.notices.stop(notice, proof).await
}
