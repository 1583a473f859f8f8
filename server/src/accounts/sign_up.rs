//! Signing up: address, password, and a right to come in.

use super::records::AdmissionRecord;
use super::site;
use crate::aws::identity::Identity;
use crate::aws::secret::Keys;
use crate::aws::table::{Given, Row, Table};
use crate::failure::Failure;
use crate::{now, secrets};
use model::accounts::{Admission, MIN_PASSWORD_CHARS};
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
}

/// Begins an account: remembers the right to come in, then asks the user pool to send its code.
pub async fn sign_up(
    table: &Table,
    identity: &Identity,
    keys: &Keys,
    email: &Email,
    password: &str,
    owner_code: Option<&str>,
) -> Result<(), Failure> {
    let as_owner = match site::admission(table).await? {
        Admission::Closed => return Err(Refusal::Closed.into()),
        Admission::Open => false,
        Admission::Owner if secrets::same(owner_code.unwrap_or_default().trim(), &keys.owner_code) => true,
        Admission::Owner => return Err(Refusal::WrongOwnerCode.into()),
    };
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return Err(Refusal::WeakPassword.into());
    }
    identity.sign_up(email.as_str(), password).await?;
    let ends_at = now().plus_seconds(ADMISSION_SECONDS);
    let admission = AdmissionRecord {
        version: AdmissionRecord::VERSION,
        as_owner,
        ends_at,
        ttl: ends_at.seconds(),
    };
    table
        .put(Row {
            key: AdmissionRecord::key(&email.hash()),
            item: &admission,
            given: Given::Anything,
        })
        .await?;
    Ok(())
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
