//! Notification settings.

#![allow(missing_docs, reason = "`#[server]` makes a public field of each argument")]

use crate::ui::error::RequestError;
use leptos::prelude::*;
use model::notifications::{Choice, Choices, NotificationKind};

#[cfg(feature = "ssr")]
use crate::context::service;

/// The viewer's notifications by mail and text message.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Notifications: Send + Sync {
    /// The account's choices.
    async fn choices(&self) -> Result<Choices, RequestError>;
    /// Turns mails of a kind on or off.
    async fn choose_mails(&self, kind: NotificationKind, on: bool) -> Result<(), RequestError>;
    /// Turns text messages of a kind on or off.
    async fn choose_texts(&self, kind: NotificationKind, on: bool) -> Result<(), RequestError>;
    /// Sends a code to a phone.
    async fn set_phone(&self, phone: String, password: String, code: Option<String>) -> Result<(), RequestError>;
    /// Verifies the phone by its code.
    async fn verify_phone(&self, code: String) -> Result<(), RequestError>;
    /// Removes the phone.
    async fn remove_phone(&self, password: String, code: Option<String>) -> Result<(), RequestError>;
    /// The kind of mails that a mail's link unsubscribes from, and whether it is on. The link is the authorization.
    async fn unsubscribe_choice(&self, notice: String, proof: String) -> Result<Choice, RequestError>;
    /// Unsubscribes from that kind.
    async fn unsubscribe(&self, notice: String, proof: String) -> Result<(), RequestError>;
}

/// The account's choices.
#[server(name = GetChoices, endpoint = "accounts/choices")]
pub async fn choices() -> Result<Choices, RequestError> {
    service::<dyn Notifications>()?.choices().await
}

/// Turns mails of a kind on or off.
#[server(endpoint = "accounts/choose_mails")]
pub async fn choose_mails(kind: NotificationKind, on: bool) -> Result<(), RequestError> {
    service::<dyn Notifications>()?.choose_mails(kind, on).await
}

/// Turns text messages of a kind on or off.
#[server(endpoint = "accounts/choose_texts")]
pub async fn choose_texts(kind: NotificationKind, on: bool) -> Result<(), RequestError> {
    service::<dyn Notifications>()?.choose_texts(kind, on).await
}

/// Sends a code to a phone.
#[server(endpoint = "accounts/set_phone")]
pub async fn set_phone(phone: String, password: String, code: Option<String>) -> Result<(), RequestError> {
    service::<dyn Notifications>()?.set_phone(phone, password, code).await
}

/// Verifies the phone.
#[server(endpoint = "accounts/prove_phone")]
pub async fn verify_phone(code: String) -> Result<(), RequestError> {
    service::<dyn Notifications>()?.verify_phone(code).await
}

/// Removes the phone.
#[server(endpoint = "accounts/remove_phone")]
pub async fn remove_phone(password: String, code: Option<String>) -> Result<(), RequestError> {
    service::<dyn Notifications>()?.remove_phone(password, code).await
}

/// The kind of mails that a mail's link unsubscribes from.
#[server(name = GetUnsubscribeChoice, endpoint = "accounts/stoppable")]
pub async fn unsubscribe_choice(notice: String, proof: String) -> Result<Choice, RequestError> {
    service::<dyn Notifications>()?.unsubscribe_choice(notice, proof).await
}

/// Unsubscribes from the kind of a mail's link.
#[server(endpoint = "accounts/stop")]
pub async fn unsubscribe(notice: String, proof: String) -> Result<(), RequestError> {
    service::<dyn Notifications>()?.unsubscribe(notice, proof).await
}
