//! Passwords: forgotten, set anew, changed.

use super::client::Client;
use super::codes::{self, Purpose};
use super::guesses::{self, Of};
use super::limits::{self, PASSWORDS, PROOFS, RESET_MAILS};
use super::records::AccountRecord;
use super::sessions;
use super::sign_up::Email;
use super::viewer::{SignedIn, Viewer};
use crate::aws::identity::Identity;
use crate::aws::table::Table;
use crate::failure::Failure;
use crate::notices::outbox::{self, To};
use model::accounts::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
use model::notices::Notice;
use model::refusals::Refusal;
use std::collections::BTreeSet;

/// Fewer different characters than this are tried first by who guesses.
const LEAST_DIFFERENT: usize = 4;

/// A password that may be set.
pub struct NewPassword(String);

impl NewPassword {
    /// Reads a password. It has a length, some variety, and no blank at either end, which Cognito refuses.
    ///
    /// # Errors
    /// [`Refusal::WeakPassword`], [`Refusal::PasswordWithBlanks`].
    pub fn parse(text: String) -> Result<Self, Refusal> {
        if text.trim() != text {
            return Err(Refusal::PasswordWithBlanks);
        }
        let different = text.chars().collect::<BTreeSet<_>>().len();
        let fits = (MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&text.chars().count());
        if fits && different >= LEAST_DIFFERENT {
            Ok(Self(text))
        } else {
            Err(Refusal::WeakPassword)
        }
    }

    /// The password.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Sends a code to an address whose password is forgotten, if it has an account.
pub async fn forgot(table: &Table, identity: &Identity, email: &Email, client: &Client) -> Result<(), Failure> {
    limits::count(table, RESET_MAILS, email, client).await?;
    // Without an account, too: tries at the code are counted and answered alike.
    codes::expect(table, Purpose::Password, &email.hash(), email.as_str()).await?;
    if identity.knows(email.as_str()).await? {
        outbox::ask(table, &email.recipient(), Notice::PasswordCode).await?;
    }
    Ok(())
}

/// Sets a password anew by the code that was mailed, and ends all sessions and programs of the account.
pub async fn reset(
    table: &Table,
    identity: &Identity,
    email: &Email,
    code: &str,
    password: &NewPassword,
    client: &Client,
) -> Result<(), Failure> {
    let guess = guesses::count(table, identity, Of::Reset, email, client).await?;
    codes::redeem(table, Purpose::Password, &email.hash(), code).await?;
    guess.was_right().await?;
    let proven = identity.account(email.as_str()).await?;
    identity.set_password(proven.id.as_str(), password.as_str()).await?;
    // Who reads the mailbox need not wait for guesses of others.
    limits::forget(table, PASSWORDS, email, client).await?;
    identity.end_programs(&proven.id).await?;
    let account: Option<AccountRecord> = table.get(&AccountRecord::key(&proven.id)).await?;
    if let Some(account) = account {
        sessions::end_all_but(table, &account.id, None).await?;
        outbox::ask(table, &To::Account(account.id), Notice::PasswordChanged).await?;
    }
    Ok(())
}

/// Changes the viewer's password, and ends their other sessions and their programs.
///
/// # Errors
/// [`Refusal::WrongPassword`]; [`Refusal::SamePassword`] for the one that they have.
pub async fn change(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    password: &str,
    new: &NewPassword,
    client: &Client,
) -> Result<(), Failure> {
    let signed_in = viewer.signed_in()?;
    prove(table, identity, signed_in, password, client).await?;
    if password == new.as_str() {
        return Err(Refusal::SamePassword.into());
    }
    identity.set_password(signed_in.account.id.as_str(), new.as_str()).await?;
    sessions::end_others(table, identity, viewer).await?;
    let to = To::Account(signed_in.account.id.clone());
    outbox::ask(table, &to, Notice::PasswordChanged).await
}

/// Lets only those change an account who know its password: a window left open is not enough. Answers what the second step wants to
/// see again with its code, where one is on.
///
/// # Errors
/// [`Refusal::WrongPassword`].
pub async fn prove(
    table: &Table,
    identity: &Identity,
    signed_in: &SignedIn,
    password: &str,
    client: &Client,
) -> Result<Option<String>, Failure> {
    let email = Email::parse(&signed_in.account.email)?;
    let tries = limits::count(table, PROOFS, &email, client).await?;
    match identity.prove(email.as_str(), password).await {
        Err(Failure::Refused(Refusal::WrongCredentials)) => Err(Refusal::WrongPassword.into()),
        Err(failure) => Err(failure),
        Ok(challenge) => tries.forget().await.map(|()| challenge),
    }
}

#[cfg(test)]
mod tests {
    use super::{NewPassword, Refusal};

    #[test]
    fn a_password_has_a_length() {
        let parsed = |text: &str| NewPassword::parse(text.into()).map(drop);
        for good in ["ten chars!", &"éàüø".repeat(3), &"abcd".repeat(64)] {
            assert_eq!(parsed(good), Ok(()), "{good}");
        }
        for bad in ["", "nine char", &"abcd".repeat(65), "aaaaaaaaaa", "abcabcabcabc"] {
            assert_eq!(parsed(bad), Err(Refusal::WeakPassword), "{bad}");
        }
        for bad in [" ten chars!", "ten chars! ", "ten chars!\t"] {
            assert_eq!(parsed(bad), Err(Refusal::PasswordWithBlanks), "{bad}");
        }
    }
}
