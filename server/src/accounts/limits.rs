//! Guessing is slowed: tries are counted by whom they are about and by where they come from.

use super::client::Client;
use super::sign_up::Email;
use crate::aws::table::{Key, Table};
use crate::failure::Failure;
use crate::{now, secrets};
use model::refusals::Refusal;

/// How often something may be tried.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is tried, as it stands in keys.
    what: &'static str,
    /// Tries in a window about one account.
    of_account: i64,
    /// Tries in a window from one network address. A family or a club shares one.
    from_address: i64,
    /// Length of a window in seconds.
    window: i64,
    /// What is said of an account that was tried too often, with the minutes that are left.
    says: fn(u32) -> Refusal,
}

/// Wrong passwords. OWASP ASVS 5.0, 6.3.1 asks for a limit; ten wrong ones in a quarter of an hour are more than
/// somebody needs who knows the right one, and a thousand a day are too few for guessing ten characters.
pub const PASSWORDS: Limit = Limit {
    what: "PASSWORD",
    of_account: 10,
    from_address: 100,
    window: 15 * 60,
    says: |minutes| Refusal::LockedOut { minutes },
};

/// Wrong codes: of a million, somebody may guess ten in a quarter of an hour; how many in a day, `guesses.rs` says.
pub const CODES: Limit = Limit {
    what: "CODE",
    of_account: 10,
    from_address: 100,
    window: 15 * 60,
    says: |minutes| Refusal::LockedOut { minutes },
};

/// Mails that anybody can have sent to an address.
pub const MAILS: Limit = Limit {
    what: "MAIL",
    of_account: 5,
    from_address: 200,
    window: 3600,
    says: |minutes| Refusal::TooManyMails { minutes },
};

/// Text messages that an account can have sent: each costs the site's owner some cents.
pub const TEXTS: Limit = Limit {
    what: "TEXT",
    of_account: 5,
    from_address: 50,
    window: 3600,
    says: |minutes| Refusal::TooManyTexts { minutes },
};

/// Text messages that can be sent to a number which nobody proved, whoever asks.
pub const TEXTS_TO_NUMBER: Limit = Limit {
    what: "NUMBER",
    of_account: 3,
    from_address: 50,
    window: 3600,
    says: |minutes| Refusal::TooManyTexts { minutes },
};

/// Errands to other providers, which anybody can begin: each leaves a row for some minutes.
pub const ERRANDS: Limit = Limit {
    what: "ERRAND",
    of_account: 200,
    from_address: 200,
    window: 15 * 60,
    says: |minutes| Refusal::TooManyFromHere { minutes },
};

/// Questions to passkeys, which anybody can ask: each leaves a row for some minutes.
pub const PASSKEYS: Limit = Limit {
    what: "PASSKEY",
    of_account: 60,
    from_address: 200,
    window: 15 * 60,
    says: |minutes| Refusal::LockedOut { minutes },
};

/// Exports: each copies a whole library, which costs about a cent for each ten gigabytes.
pub const EXPORTS: Limit = Limit {
    what: "EXPORT",
    of_account: 3,
    from_address: 50,
    window: 86_400,
    says: |_| Refusal::TooManyExports,
};

/// Invitations by one operator: each is a mail to anybody, in the site's name.
pub const INVITATIONS: Limit = Limit {
    what: "INVITATION",
    of_account: 20,
    from_address: 200,
    window: 86_400,
    says: |_| Refusal::TooManyInvitations,
};

/// Whom tries are about.
pub trait Subject {
    /// How they stand in a key.
    fn hash(&self) -> String;
}

impl Subject for Email {
    fn hash(&self) -> String {
        Email::hash(self)
    }
}

/// What is about no account is about where it comes from.
impl Subject for Client {
    fn hash(&self) -> String {
        secrets::hashed(&format!("from {}", self.address))
    }
}

/// Tries that were counted, to be given back.
pub struct Tries<'a> {
    table: &'a Table,
    limit: Limit,
    subject: String,
    client: &'a Client,
    at: i64,
}

/// Counts a try before it is made.
///
/// # Errors
/// [`Refusal::TooManyFromHere`], and what the limit says of an account, with the minutes until the window ends.
pub async fn count<'a>(table: &'a Table, limit: Limit, subject: &impl Subject, client: &'a Client) -> Result<Tries<'a>, Failure> {
    let tries = Tries {
        table,
        limit,
        subject: subject.hash(),
        client,
        at: now().seconds(),
    };
    let minutes = limit.minutes_left(tries.at);
    if tries.add(&tries.by_address(), 1).await? > limit.from_address {
        return Err(Refusal::TooManyFromHere { minutes }.into());
    }
    if tries.add(&tries.by_account(), 1).await? > limit.of_account {
        return Err((limit.says)(minutes).into());
    }
    Ok(tries)
}

impl Tries<'_> {
    /// The try was right: it counts for nothing, and neither do the account's wrong ones before it.
    pub async fn forget(self) -> Result<(), Failure> {
        self.add(&self.by_address(), -1).await?;
        let key = self.by_account();
        self.table.take::<serde_json::Value>(&key).await.map(drop)
    }

    async fn add(&self, key: &Key, by: i64) -> Result<i64, Failure> {
        // A window longer than it takes, so that a row is not swept within its own.
        let ttl = self.at + 2 * self.limit.window;
        self.table.count(key, by, ttl).await
    }

    fn by_account(&self) -> Key {
        self.limit.key(&self.subject, self.at)
    }

    fn by_address(&self) -> Key {
        self.limit.key(&secrets::hashed(&self.client.address), self.at)
    }
}

/// Counts a try that is about no account.
///
/// # Errors
/// [`Refusal::TooMany`].
pub async fn count_from_here(table: &Table, limit: Limit, client: &Client) -> Result<(), Failure> {
    match count(table, limit, client, client).await {
        Err(Failure::Refused(_)) => Err(Refusal::TooMany.into()),
        counted => counted.map(drop),
    }
}

/// Forgets the tries about an account, as when a mailed code proved who somebody is.
pub async fn forget(table: &Table, limit: Limit, email: &Email) -> Result<(), Failure> {
    let key = limit.key(&email.hash(), now().seconds());
    table.take::<serde_json::Value>(&key).await.map(drop)
}

impl Limit {
    fn key(self, subject: &str, at: i64) -> Key {
        let (what, window) = (self.what, at / self.window);
        Key::new(format!("TRIES#{what}#{subject}#{window}"), "TRIES")
    }

    fn minutes_left(self, at: i64) -> u32 {
        minutes_left(self.window, at)
    }
}

/// Minutes until a window of so many seconds ends.
pub fn minutes_left(window: i64, at: i64) -> u32 {
    let seconds = window - at.rem_euclid(window);
    u32::try_from((seconds + 59) / 60).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_and_another_begins() {
        let window = PASSWORDS.window;
        assert_eq!(PASSWORDS.key("a", 0), PASSWORDS.key("a", window - 1));
        assert_ne!(PASSWORDS.key("a", 0), PASSWORDS.key("a", window));
        assert_eq!(PASSWORDS.minutes_left(0), 15);
        assert_eq!(PASSWORDS.minutes_left(window - 1), 1);
    }
}
