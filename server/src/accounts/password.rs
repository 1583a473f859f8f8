//! Passwords: reset, change, confirmation.

use super::client::Client;
use super::code_attempts::{self, CodeKind};
use super::codes::{self, Purpose};
use super::email::Email;
use super::rate_limits::{self, PASSWORDS, PROOFS, RESET_MAILS};
use super::records::AccountRecord;
use super::sessions;
use super::viewer::{SignedIn, Viewer};
use crate::aws::identity::Identity;
use crate::aws::table::Table;
use crate::error::AppError;
use crate::notifications::outbox::{self, To};
use model::accounts::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
use model::notifications::Notification;
use model::user_error::UserError;
use std::collections::BTreeSet;

/// Passwords with fewer distinct characters are among the first that attackers try.
const MIN_DISTINCT_CHARS: usize = 4;

/// A valid new password.
pub struct NewPassword(String);

impl NewPassword {
    /// Checks length, number of distinct characters, and that no blank is at either end, which Cognito rejects.
    ///
    /// # Errors
    /// [`UserError::WeakPassword`], [`UserError::PasswordWithBlanks`].
    pub fn parse(text: String) -> Result<Self, UserError> {
        if text.trim() != text {
            return Err(UserError::PasswordWithBlanks);
        }
        let distinct = text.chars().collect::<BTreeSet<_>>().len();
        let fits = (MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&text.chars().count());
        if fits && distinct >= MIN_DISTINCT_CHARS {
            Ok(Self(text))
        } else {
            Err(UserError::WeakPassword)
        }
    }

    /// The password.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Sends a reset code to an address, if it has an account.
pub async fn forgot(table: &Table, identity: &Identity, email: &Email, client: &Client) -> Result<(), AppError> {
    rate_limits::count(table, RESET_MAILS, email, client).await?;
    // Also without an account, so that wrong codes are counted and answered alike.
    codes::request(table, Purpose::Password, &email.hash(), email.as_str()).await?;
    if identity.user_exists(email.as_str()).await? {
        outbox::enqueue(table, &email.recipient(), Notification::PasswordCode).await?;
    }
    Ok(())
}

/// Resets a password by the mailed code, and ends all sessions and programs of the account.
pub async fn reset(
    table: &Table,
    identity: &Identity,
    email: &Email,
    code: &str,
    password: &NewPassword,
    client: &Client,
) -> Result<(), AppError> {
    let attempt = code_attempts::count(table, identity, CodeKind::Reset, email, client).await?;
    codes::redeem(table, Purpose::Password, &email.hash(), code).await?;
    attempt.undo().await?;
    let verified = identity.user(email.as_str()).await?;
    identity.set_password(verified.id.as_str(), password.as_str()).await?;
    // The owner of the mailbox is not locked out by attempts of others.
    rate_limits::forget(table, PASSWORDS, email, client).await?;
    identity.revoke_tokens(&verified.id).await?;
    let account: Option<AccountRecord> = table.get(&AccountRecord::key(&verified.id)).await?;
    if let Some(account) = account {
        sessions::end_all_but(table, &account.id, None).await?;
        outbox::enqueue(table, &To::Account(account.id), Notification::PasswordChanged).await?;
    }
    Ok(())
}

/// Changes the viewer's password, and ends their other sessions and their programs.
///
/// # Errors
/// [`UserError::WrongPassword`]; [`UserError::SamePassword`] if it does not change.
pub async fn change(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    password: &str,
    new: &NewPassword,
    client: &Client,
) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    verify(table, identity, signed_in, password, client).await?;
    if password == new.as_str() {
        return Err(UserError::SamePassword.into());
    }
    identity.set_password(signed_in.account.id.as_str(), new.as_str()).await?;
    sessions::end_others(table, identity, viewer).await?;
    let to = To::Account(signed_in.account.id.clone());
    outbox::enqueue(table, &to, Notification::PasswordChanged).await
}

/// Checks the password before a change of credentials: an open session alone is not enough. Returns the user pool's challenge if the
/// second step is on.
///
/// # Errors
/// [`UserError::WrongPassword`].
pub async fn verify(
    table: &Table,
    identity: &Identity,
    signed_in: &SignedIn,
    password: &str,
    client: &Client,
) -> Result<Option<String>, AppError> {
    let email = Email::parse(&signed_in.account.email)?;
    let attempt = rate_limits::count(table, PROOFS, &email, client).await?;
    match identity.verify_password(email.as_str(), password).await {
        Err(AppError::User(UserError::WrongCredentials)) => Err(UserError::WrongPassword.into()),
        Err(failure) => Err(failure),
        Ok(challenge) => attempt.forget().await.map(|()| challenge),
    }
}

#[cfg(test)]
mod tests {
    use super::{NewPassword, UserError};

    #[test]
    fn passwords_are_checked() {
        let parsed = |text: &str| NewPassword::parse(text.into()).map(drop);
        for good in ["ten chars!", &"éàüø".repeat(3), &"abcd".repeat(64)] {
            assert_eq!(parsed(good), Ok(()), "{good}");
        }
        for bad in ["", "nine char", &"abcd".repeat(65), "aaaaaaaaaa", "abcabcabcabc"] {
            assert_eq!(parsed(bad), Err(UserError::WeakPassword), "{bad}");
        }
        for bad in [" ten chars!", "ten chars! ", "ten chars!\t"] {
            assert_eq!(parsed(bad), Err(UserError::PasswordWithBlanks), "{bad}");
        }
    }
}
