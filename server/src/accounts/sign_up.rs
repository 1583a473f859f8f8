//! Signing up: an address, the code that proves it, and a right to come in.

use super::client::Client;
use super::codes::{self, Purpose};
use super::guesses::{self, Of};
use super::limits::{self, MAILS, PASSWORDS};
use super::password::NewPassword;
use super::records::AdmissionRecord;
use super::site;
use crate::aws::identity::Identity;
use crate::aws::secret::Keys;
use crate::aws::table::{Given, Row, Table};
use crate::failure::Failure;
use crate::notices::outbox::{self, To};
use crate::{now, secrets};
use model::accounts::Admission;
use model::notices::Notice;
use model::refusals::Refusal;

/// How long somebody has from signing up to their first sign-in.
const ADMISSION_SECONDS: i64 = 7 * 86_400;

/// An e-mail address as it is kept: without spaces around it, in lower case.
pub struct Email(String);

impl Email {
    /// Reads an address. Whether it exists is proved by the code alone, so this only refuses what cannot be one.
    ///
    /// # Errors
    /// [`Refusal::BadEmail`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim().to_lowercase();
        let (name, host) = text.split_once('@').ok_or(Refusal::BadEmail)?;
        let fits =
            !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains('@');
        // 254 octets: RFC 5321, 4.5.3.1.3, without the angle brackets.
        if !fits || text.len() > 254 || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Refusal::BadEmail);
        }
        Ok(Self(text))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as it stands in a key.
    pub fn hash(&self) -> String {
        secrets::hashed(&self.0)
    }

    /// The address as whom a notice is for.
    pub fn recipient(&self) -> To {
        To::Address { email: self.0.clone() }
    }
}

/// Why somebody may come in.
pub struct Right {
    as_owner: bool,
}

/// Whether somebody may sign up now.
///
/// # Errors
/// [`Refusal::Closed`], or [`Refusal::WrongOwnerCode`] while the site waits for its owner.
pub async fn may_sign_up(table: &Table, keys: &Keys, owner_code: Option<&str>) -> Result<Right, Failure> {
    match site::admission(table).await? {
        Admission::Closed => Err(Refusal::Closed.into()),
        Admission::Open => Ok(Right { as_owner: false }),
        Admission::Owner if secrets::same(owner_code.unwrap_or_default().trim(), &keys.owner_code) => {
            Ok(Right { as_owner: true })
        }
        Admission::Owner => Err(Refusal::WrongOwnerCode.into()),
    }
}

/// Begins an account: remembers the right to come in, and has a code sent to the address.
///
/// An address that has an account is told so by mail, and the answer here is the same. The right is remembered for it, too: the same is
/// done for each address, now and where its code is asked for again, and who proved theirs but did not sign in in time comes in by it.
pub async fn sign_up(table: &Table, identity: &Identity, email: &Email, right: Right, client: &Client) -> Result<(), Failure> {
    limits::count(table, MAILS, email, client).await?;
    expect_code(table, email).await?;
    remember(table, email, right).await?;
    let notice = if identity.knows(email.as_str()).await? {
        Notice::AlreadyHere
    } else {
        Notice::SignUpCode
    };
    outbox::ask(table, &email.recipient(), notice).await
}

/// An address waits for a code, whether it has an account or not: tries at it are counted and answered alike.
async fn expect_code(table: &Table, email: &Email) -> Result<(), Failure> {
    codes::expect(table, Purpose::SignUp, &email.hash(), email.as_str()).await
}

/// Sends another code to an address that waits for one. Says nothing about whether it does.
pub async fn resend_code(table: &Table, identity: &Identity, email: &Email, client: &Client) -> Result<(), Failure> {
    limits::count(table, MAILS, email, client).await?;
    expect_code(table, email).await?;
    let admission: Option<AdmissionRecord> = table.get(&AdmissionRecord::key(&email.hash())).await?;
    let waits = admission.is_some_and(|admission| admission.ends_at > now());
    if waits && !identity.knows(email.as_str()).await? {
        outbox::ask(table, &email.recipient(), Notice::SignUpCode).await?;
    }
    Ok(())
}

/// Remembers that whoever proves the address may become an account.
pub(super) async fn remember(table: &Table, email: &Email, right: Right) -> Result<(), Failure> {
    let ends_at = now().plus_seconds(ADMISSION_SECONDS);
    let admission = AdmissionRecord {
        version: AdmissionRecord::VERSION,
        as_owner: right.as_owner,
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key: AdmissionRecord::key(&email.hash()),
        item: &admission,
        given: Given::Anything,
    };
    table.put(row).await.map(drop)
}

/// Proves an address by its code and makes its user: only who reads the mailbox chooses the password. Then they sign in with it.
///
/// # Errors
/// As [`codes::redeem`]; [`Refusal::WrongCode`] also where the address has got an account meanwhile, whose password this code is not for.
pub async fn confirm(
    table: &Table,
    identity: &Identity,
    email: &Email,
    code: &str,
    password: &NewPassword,
    client: &Client,
) -> Result<(), Failure> {
    let guess = guesses::count_without_notice(table, Of::SignUp, email, client).await?;
    codes::redeem(table, Purpose::SignUp, &email.hash(), code).await?;
    if identity.knows(email.as_str()).await? {
        return Err(Refusal::WrongCode.into());
    }
    identity.admit(email.as_str(), password.as_str()).await?;
    // Who reads the mailbox need not wait for guesses of others.
    limits::forget(table, PASSWORDS, email, client).await?;
    guess.was_right().await
}

impl Right {
    /// That of somebody who was invited.
    pub fn invited() -> Self {
        Self { as_owner: false }
    }
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn reads_addresses_and_refuses_what_cannot_be_one() {
        assert_eq!(Email::parse(" Ada@Example.org ").map(|e| e.0), Ok("ada@example.org".into()));
        let long = format!("{}@example.org", "a".repeat(250));
        for bad in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@example",
            "a da@example.org",
            "ada@@example.org",
            "ada@.org",
            long.as_str(),
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }
}
