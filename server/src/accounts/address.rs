//! Changing the e-mail address of an account, verified by a code.

use super::change::change;
use super::client::Client;
use super::code_attempts::{self, CodeKind};
use super::codes::{self, Purpose};
use super::email::Email;
use super::password;
use super::rate_limits::{self, ADDRESS_MAILS};
use super::viewer::Viewer;
use crate::aws::identity::Identity;
use crate::aws::table::Table;
use crate::error::AppError;
use crate::notifications::outbox;
use model::notifications::Notification;
use model::user_error::UserError;

/// Sends a code to the new address; requires the viewer's password.
///
/// If the address has an account, it gets a mail that says so; the response is the same, so that accounts cannot be enumerated.
pub async fn request(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    new: &Email,
    password: &str,
    client: &Client,
) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    password::verify(table, identity, signed_in, password, client).await?;
    rate_limits::count(table, ADDRESS_MAILS, new, client).await?;
    let account = signed_in.account.id.clone();
    codes::request(table, Purpose::Address, account.as_str(), new.as_str()).await?;
    let notification = if identity.user_exists(new.as_str()).await? {
        Notification::AddressTaken
    } else {
        Notification::AddressCode { account }
    };
    outbox::enqueue(table, &new.recipient(), notification).await
}

/// Changes the viewer's address to the one that the code proves, notifies the old address, and returns the new one.
pub async fn verify(table: &Table, identity: &Identity, viewer: &Viewer, code: &str, client: &Client) -> Result<Email, AppError> {
    let before = &viewer.signed_in()?.account;
    let old = Email::parse(&before.email)?;
    let attempt = code_attempts::count_without_notification(table, CodeKind::Address, &old, client).await?;
    let proved = codes::redeem(table, Purpose::Address, before.id.as_str(), code).await?;
    let email = Email::parse(&proved)?;
    attempt.undo().await?;
    identity.change_email(&before.id, email.as_str()).await?;
    let moved = change(table, &before.id, |account| {
        // A deletion in progress has recorded the old address.
        if account.leaving_at.is_some() {
            return Err(UserError::Leaving.into());
        }
        email.as_str().clone_into(&mut account.email);
        Ok(vec![])
    });
    let moved = moved.await?.ok_or(UserError::NotFound)?;
    let notification = Notification::AddressChanged {
        to: moved.email,
        account: Some(moved.id),
    };
    outbox::enqueue(table, &old.recipient(), notification).await?;
    Ok(email)
}
