//! E-mail addresses.

use crate::notifications::outbox::To;
use crate::secrets;
use model::user_error::UserError;

/// A normalized e-mail address: trimmed, in lower case.
pub struct Email(String);

impl Email {
    /// Parses an address. Only rejects what cannot be one: the code verifies that it exists.
    ///
    /// # Errors
    /// [`UserError::BadEmail`].
    pub fn parse(text: &str) -> Result<Self, UserError> {
        let text = text.trim().to_lowercase();
        let (name, host) = text.split_once('@').ok_or(UserError::BadEmail)?;
        let fits =
            !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains('@');
        // 254 octets: RFC 5321, 4.5.3.1.3, without the angle brackets.
        if !fits || text.len() > 254 || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(UserError::BadEmail);
        }
        Ok(Self(text))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Hash for keys.
    pub fn hash(&self) -> String {
        secrets::hashed(&self.0)
    }

    /// The address as the recipient of a notification.
    pub fn recipient(&self) -> To {
        To::Address { email: self.0.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn parses_addresses_and_rejects_invalid_ones() {
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
