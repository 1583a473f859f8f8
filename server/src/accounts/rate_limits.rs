//! Rate limits: attempts are counted per account and per client address, in fixed windows. A browser that signed in before
//! (`device_cookie.rs`) has its own budget, so that strangers cannot lock the owner out of it.
//!
//! Each purpose has its own counters: using up one limit does not affect another.

use super::client::Client;
use super::email::Email;
use crate::aws::table::{Key, Table, keys};
use crate::error::AppError;
use crate::{now, secrets};
use model::ids::AccountId;
use model::time::Time;
use model::user_error::UserError;

/// All known browsers of an account together have as many attempts as this many browsers: somebody who once knew the password may have
/// collected many device cookies.
const KNOWN_BROWSERS: i64 = 5;

/// A rate limit.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Name in keys.
    name: &'static str,
    /// Attempts per window on one account.
    per_account: i64,
    /// Attempts per window from one client address, which a family or a club may share.
    per_address: i64,
    /// Length of the window in seconds.
    window: i64,
    /// Whether a browser that signed in to the account has a budget of its own. Not where each attempt costs money.
    per_browser: bool,
    /// The error when the account's limit is exceeded, from the minutes until the window ends.
    user_error: fn(u32) -> UserError,
}

/// Wrong passwords at sign-in. OWASP ASVS 5.0, 6.3.1 asks for a limit; ten per quarter of an hour are enough for the owner, and a
/// thousand a day are too few to guess ten characters.
pub const PASSWORDS: Limit = Limit {
    name: "PASSWORD",
    per_account: 10,
    per_address: 100,
    window: 15 * 60,
    per_browser: true,
    user_error: |minutes| UserError::LockedOut { minutes },
};

/// Wrong passwords when a signed-in user confirms a change of credentials.
pub const PROOFS: Limit = Limit {
    name: "PROOF",
    ..PASSWORDS
};

/// Wrong codes: ten of a million per quarter of an hour.
const CODES: Limit = Limit {
    name: "CODE",
    per_account: 10,
    per_address: 100,
    window: 15 * 60,
    per_browser: true,
    user_error: |minutes| UserError::LockedOut { minutes },
};

/// Wrong codes of one kind; `code_attempts.rs` has the kinds and the daily limits.
pub(super) fn codes(name: &'static str) -> Limit {
    Limit { name, ..CODES }
}

/// Sign-up mails, which anybody can request for any address.
pub const MAILS: Limit = Limit {
    name: "MAIL",
    per_account: 5,
    per_address: 200,
    window: 3600,
    per_browser: false,
    user_error: |minutes| UserError::TooManyMails { minutes },
};

/// Password reset mails, which anybody can request for any address.
pub const RESET_MAILS: Limit = Limit {
    name: "RESET-MAIL",
    per_browser: true,
    ..MAILS
};

/// Mails to the new address that a signed-in user wants to change to.
pub const ADDRESS_MAILS: Limit = Limit {
    name: "ADDRESS-MAIL",
    ..MAILS
};

/// Text messages requested by an account: each costs the site's owner some cents.
pub const TEXTS: Limit = Limit {
    name: "TEXT",
    per_account: 5,
    per_address: 50,
    window: 3600,
    per_browser: false,
    user_error: |minutes| UserError::TooManyTexts { minutes },
};

/// Text messages to an unverified number, by all accounts together.
pub const TEXTS_TO_NUMBER: Limit = Limit {
    name: "NUMBER",
    per_account: 3,
    per_address: 50,
    window: 3600,
    per_browser: false,
    user_error: |minutes| UserError::TooManyTexts { minutes },
};

/// OAuth attempts, which anybody can start: each leaves a row for some minutes.
pub const OAUTH_ATTEMPTS: Limit = Limit {
    name: "ERRAND",
    per_account: 200,
    per_address: 200,
    window: 15 * 60,
    per_browser: false,
    user_error: |minutes| UserError::TooManyFromHere { minutes },
};

/// Passkey challenges, which anybody can request: each leaves a row for some minutes.
pub const PASSKEYS: Limit = Limit {
    name: "PASSKEY",
    per_account: 60,
    per_address: 200,
    window: 15 * 60,
    per_browser: true,
    user_error: |minutes| UserError::LockedOut { minutes },
};

/// Exports: each copies a whole library, which costs about a cent for each ten gigabytes.
pub const EXPORTS: Limit = Limit {
    name: "EXPORT",
    per_account: 3,
    per_address: 50,
    window: 86_400,
    per_browser: false,
    user_error: |_| UserError::TooManyExports,
};

/// Invitations by one operator: each sends a mail to an arbitrary address in the site's name.
pub const INVITATIONS: Limit = Limit {
    name: "INVITATION",
    per_account: 20,
    per_address: 200,
    window: 86_400,
    per_browser: false,
    user_error: |_| UserError::TooManyInvitations,
};

/// What attempts are counted by.
pub trait Subject {
    /// The subject's part of a key.
    fn hash(&self) -> String;
}

impl Subject for Email {
    fn hash(&self) -> String {
        Email::hash(self)
    }
}

/// By identifier: a change of the e-mail address resets no limit.
impl Subject for AccountId {
    fn hash(&self) -> String {
        secrets::hashed(&format!("account {}", self.as_str()))
    }
}

/// For attempts on no account: by the client's address.
impl Subject for Client {
    fn hash(&self) -> String {
        secrets::hashed(&format!("from {}", self.address))
    }
}

/// A counter that an attempt adds to.
struct Budget {
    key: Key,
    max: i64,
    /// The error when `max` is exceeded.
    user_error: fn(u32) -> UserError,
    /// Whether a successful attempt resets the counter. Otherwise it takes back only itself.
    reset_on_success: bool,
}

/// A counted attempt, to be undone if it succeeds.
pub struct Attempt<'a> {
    table: &'a Table,
    budgets: Vec<Budget>,
    ttl: i64,
    subject: String,
}

/// Counts an attempt before it is made.
///
/// # Errors
/// [`UserError::TooManyFromHere`], and the limit's own for an account, with the minutes until the window ends.
pub async fn count<'a>(table: &'a Table, limit: Limit, subject: &impl Subject, client: &Client) -> Result<Attempt<'a>, AppError> {
    let at = now();
    let attempt = limit.attempt(table, &subject.hash(), client, at);
    for budget in &attempt.budgets {
        if table.count(&budget.key, 1, attempt.ttl).await? > budget.max {
            return Err((budget.user_error)(limit.minutes_left(at.seconds())).into());
        }
    }
    Ok(attempt)
}

/// Checks that [`count`] would succeed, without counting.
///
/// # Errors
/// As [`count`].
pub async fn check(table: &Table, limit: Limit, subject: &impl Subject, client: &Client) -> Result<(), AppError> {
    let at = now();
    let attempt = limit.attempt(table, &subject.hash(), client, at);
    for budget in &attempt.budgets {
        if table.count(&budget.key, 0, attempt.ttl).await? >= budget.max {
            return Err((budget.user_error)(limit.minutes_left(at.seconds())).into());
        }
    }
    Ok(())
}

impl Attempt<'_> {
    /// The attempt succeeded: undoes it, and resets the counter of the account, or of the known browser.
    pub async fn forget(self) -> Result<(), AppError> {
        for budget in &self.budgets {
            if budget.reset_on_success {
                self.table.delete(&budget.key).await?;
            } else {
                self.table.count(&budget.key, -1, self.ttl).await?;
            }
        }
        Ok(())
    }

    /// The key part that the attempt is counted by: an account's, or that of all of its known browsers.
    pub(super) fn subject(&self) -> &str {
        &self.subject
    }
}

/// Counts an attempt on no account, by client address.
///
/// # Errors
/// [`UserError::TooMany`].
pub async fn count_by_address(table: &Table, limit: Limit, client: &Client) -> Result<(), AppError> {
    match count(table, limit, client, client).await {
        Err(AppError::User(_)) => Err(UserError::TooMany.into()),
        counted => counted.map(drop),
    }
}

/// Resets the counters of an account and of this browser, as when a mailed code proved the user's identity.
pub async fn forget(table: &Table, limit: Limit, email: &Email, client: &Client) -> Result<(), AppError> {
    let (at, subject) = (now(), email.hash());
    table.delete(&limit.key(&subject, at)).await?;
    for budget in limit.known_browser_budgets(&subject, client, at).into_iter().flatten() {
        table.delete(&budget.key).await?;
    }
    Ok(())
}

/// The key part of all known browsers of a subject.
fn known_browsers_of(subject: &str) -> String {
    secrets::hashed(&format!("browsers of {subject}"))
}

impl Limit {
    fn attempt<'a>(self, table: &'a Table, subject: &str, client: &Client, at: Time) -> Attempt<'a> {
        let (budgets, subject) = self.budgets(subject, client, at);
        Attempt {
            table,
            budgets,
            // One window more, so that DynamoDB does not delete a row within its window.
            ttl: at.seconds() + 2 * self.window,
            subject,
        }
    }

    /// The counters that an attempt adds to, and the key part that it is counted by.
    fn budgets(self, subject: &str, client: &Client, at: Time) -> (Vec<Budget>, String) {
        match self.known_browser_budgets(subject, client, at) {
            Some(budgets) => (Vec::from(budgets), known_browsers_of(subject)),
            None => (Vec::from(self.default_budgets(subject, client, at)), subject.to_owned()),
        }
    }

    /// The counters of a known browser, if it is one; its client address does not count then. Its own counter comes first, so that one
    /// browser cannot use up the budget of all.
    fn known_browser_budgets(self, subject: &str, client: &Client, at: Time) -> Option<[Budget; 2]> {
        let name = client.device_cookie.name(subject, at).filter(|_| self.per_browser)?;
        let budget = |counted_by: &str, max: i64, reset_on_success: bool| Budget {
            key: self.key(counted_by, at),
            max,
            user_error: self.user_error,
            reset_on_success,
        };
        let own = secrets::hashed(&format!("browser {name} of {subject}"));
        Some([
            budget(&own, self.per_account, true),
            budget(&known_browsers_of(subject), KNOWN_BROWSERS * self.per_account, false),
        ])
    }

    /// The counters of any other browser.
    fn default_budgets(self, subject: &str, client: &Client, at: Time) -> [Budget; 2] {
        [
            Budget {
                key: self.key(&secrets::hashed(&client.address), at),
                max: self.per_address,
                user_error: |minutes| UserError::TooManyFromHere { minutes },
                reset_on_success: false,
            },
            Budget {
                key: self.key(subject, at),
                max: self.per_account,
                user_error: self.user_error,
                reset_on_success: true,
            },
        ]
    }

    fn key(self, subject: &str, at: Time) -> Key {
        keys::attempts(self.name, subject, at.seconds() / self.window)
    }

    fn minutes_left(self, at: i64) -> u32 {
        minutes_left(self.window, at)
    }
}

/// Minutes until a window of this many seconds ends.
pub fn minutes_left(window: i64, at: i64) -> u32 {
    let seconds = window - at.rem_euclid(window);
    u32::try_from((seconds + 59) / 60).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::device_cookie::DeviceCookie;
    use crate::signing_keys::DeviceSigner;
    use std::collections::HashSet;

    const SUBJECT: &str = "subject";

    fn keys(limit: Limit, client: &Client) -> Vec<Key> {
        let (budgets, _) = limit.budgets(SUBJECT, client, Time(0));
        budgets.into_iter().map(|budget| budget.key).collect()
    }

    /// A browser that signed in before.
    fn known(subject: &str) -> Client {
        let keys = r#"{"media_keys": [], "device_keys": [{"id": "1", "key": "a"}], "owner_code": ""}"#;
        let signer = DeviceSigner::new(&serde_json::from_str(keys).unwrap());
        let cookie = DeviceCookie::read(&signer, "").signed_in(subject, Time(0)).unwrap().unwrap();
        Client {
            device_cookie: DeviceCookie::read(&signer, &cookie),
            ..Client::default()
        }
    }

    #[test]
    fn a_window_ends_and_another_begins() {
        let (window, key) = (PASSWORDS.window, |seconds: i64| PASSWORDS.key("a", Time(seconds * 1000)));
        assert_eq!(key(0), key(window - 1));
        assert_ne!(key(0), key(window));
        assert_eq!(PASSWORDS.minutes_left(0), 15);
        assert_eq!(PASSWORDS.minutes_left(window - 1), 1);
    }

    #[test]
    fn a_known_browser_has_budgets_of_its_own() {
        let unknown = keys(PASSWORDS, &Client::default());
        let (one, another) = (keys(PASSWORDS, &known(SUBJECT)), keys(PASSWORDS, &known(SUBJECT)));
        assert!(one.iter().all(|key| !unknown.contains(key)));
        assert_ne!(one[0], another[0], "each has its own");
        assert_eq!(one[1], another[1], "and they share one");
        assert_eq!(keys(PASSWORDS, &known("another")), unknown, "unknown to another address");
    }

    #[test]
    fn what_costs_money_has_no_budgets_per_browser() {
        for limit in [
            MAILS,
            ADDRESS_MAILS,
            TEXTS,
            TEXTS_TO_NUMBER,
            EXPORTS,
            INVITATIONS,
            OAUTH_ATTEMPTS,
        ] {
            assert_eq!(
                keys(limit, &known(SUBJECT)),
                keys(limit, &Client::default()),
                "{}",
                limit.name
            );
        }
    }

    #[test]
    fn each_purpose_has_its_own_counters() {
        let all = [PASSWORDS, PROOFS, MAILS, RESET_MAILS, ADDRESS_MAILS, PASSKEYS];
        for client in [Client::default(), known(SUBJECT)] {
            let keys: Vec<Key> = all.iter().flat_map(|limit| keys(*limit, &client)).collect();
            let different: HashSet<&Key> = keys.iter().collect();
            assert_eq!(different.len(), keys.len());
        }
    }
}
