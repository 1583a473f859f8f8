//! Guessing is slowed: tries are counted by whom they are about and by where they come from. Those of a browser that signed in before are
//! counted by themselves (`device_cookie.rs`), so that strangers cannot use up what its owner needs.
//!
//! Each purpose is counted by itself: who spends what one takes, as mails that anybody can have sent, spends nothing of another.

use super::client::Client;
use super::sign_up::Email;
use crate::aws::table::{Key, Table};
use crate::failure::Failure;
use crate::{now, secrets};
use model::ids::AccountId;
use model::refusals::Refusal;
use model::time::Time;

/// How many browsers' tries all that an address knows have together. Somebody who knew the password before may have kept the cookies of
/// many.
const BROWSERS: i64 = 5;

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
    /// Whether a browser that signed in to the account has as many tries of its own. Not where each costs, whoever asks for it.
    by_browser: bool,
    /// What is said of an account that was tried too often, with the minutes that are left.
    says: fn(u32) -> Refusal,
}

/// Wrong passwords of who signs in. OWASP ASVS 5.0, 6.3.1 asks for a limit; ten wrong ones in a quarter of an hour are more than
/// somebody needs who knows the right one, and a thousand a day are too few for guessing ten characters.
pub const PASSWORDS: Limit = Limit {
    what: "PASSWORD",
    of_account: 10,
    from_address: 100,
    window: 15 * 60,
    by_browser: true,
    says: |minutes| Refusal::LockedOut { minutes },
};

/// Wrong passwords of who is signed in and changes what guards the account.
pub const PROOFS: Limit = Limit {
    what: "PROOF",
    ..PASSWORDS
};

/// Wrong codes: of a million, somebody may guess ten in a quarter of an hour.
const CODES: Limit = Limit {
    what: "CODE",
    of_account: 10,
    from_address: 100,
    window: 15 * 60,
    by_browser: true,
    says: |minutes| Refusal::LockedOut { minutes },
};

/// Wrong codes of one purpose; which there are, and how many each takes in a day, `guesses.rs` says.
pub(super) fn codes(what: &'static str) -> Limit {
    Limit { what, ..CODES }
}

/// Mails to who signs up, which anybody can have sent to an address.
pub const MAILS: Limit = Limit {
    what: "MAIL",
    of_account: 5,
    from_address: 200,
    window: 3600,
    by_browser: false,
    says: |minutes| Refusal::TooManyMails { minutes },
};

/// Mails to who forgot the password, which anybody can have sent to an address.
pub const RESET_MAILS: Limit = Limit {
    what: "RESET-MAIL",
    by_browser: true,
    ..MAILS
};

/// Mails to an address that somebody signed in says is theirs.
pub const ADDRESS_MAILS: Limit = Limit {
    what: "ADDRESS-MAIL",
    ..MAILS
};

/// Text messages that an account can have sent: each costs the site's owner some cents.
pub const TEXTS: Limit = Limit {
    what: "TEXT",
    of_account: 5,
    from_address: 50,
    window: 3600,
    by_browser: false,
    says: |minutes| Refusal::TooManyTexts { minutes },
};

/// Text messages that can be sent to a number which nobody proved, whoever asks.
pub const TEXTS_TO_NUMBER: Limit = Limit {
    what: "NUMBER",
    of_account: 3,
    from_address: 50,
    window: 3600,
    by_browser: false,
    says: |minutes| Refusal::TooManyTexts { minutes },
};

/// Errands to other providers, which anybody can begin: each leaves a row for some minutes.
pub const ERRANDS: Limit = Limit {
    what: "ERRAND",
    of_account: 200,
    from_address: 200,
    window: 15 * 60,
    by_browser: false,
    says: |minutes| Refusal::TooManyFromHere { minutes },
};

/// Questions to passkeys, which anybody can ask: each leaves a row for some minutes.
pub const PASSKEYS: Limit = Limit {
    what: "PASSKEY",
    of_account: 60,
    from_address: 200,
    window: 15 * 60,
    by_browser: true,
    says: |minutes| Refusal::LockedOut { minutes },
};

/// Exports: each copies a whole library, which costs about a cent for each ten gigabytes.
pub const EXPORTS: Limit = Limit {
    what: "EXPORT",
    of_account: 3,
    from_address: 50,
    window: 86_400,
    by_browser: false,
    says: |_| Refusal::TooManyExports,
};

/// Invitations by one operator: each is a mail to anybody, in the site's name.
pub const INVITATIONS: Limit = Limit {
    what: "INVITATION",
    of_account: 20,
    from_address: 200,
    window: 86_400,
    by_browser: false,
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

/// Whatever its address is: changing that resets no limit.
impl Subject for AccountId {
    fn hash(&self) -> String {
        secrets::hashed(&format!("account {}", self.as_str()))
    }
}

/// What is about no account is about where it comes from.
impl Subject for Client {
    fn hash(&self) -> String {
        secrets::hashed(&format!("from {}", self.address))
    }
}

/// A count that a try adds to.
struct Budget {
    key: Key,
    /// The most that it may come to.
    most: i64,
    /// What is said beyond.
    says: fn(u32) -> Refusal,
    /// Whether a try that was right forgets the wrong ones before it: those of others stay.
    own: bool,
}

/// Tries that were counted, to be given back.
pub struct Tries<'a> {
    table: &'a Table,
    budgets: Vec<Budget>,
    ttl: i64,
    whose: String,
}

/// Counts a try before it is made.
///
/// # Errors
/// [`Refusal::TooManyFromHere`], and what the limit says of an account, with the minutes until the window ends.
pub async fn count<'a>(table: &'a Table, limit: Limit, subject: &impl Subject, client: &Client) -> Result<Tries<'a>, Failure> {
    let at = now();
    let tries = limit.tries(table, &subject.hash(), client, at);
    for budget in &tries.budgets {
        if table.count(&budget.key, 1, tries.ttl).await? > budget.most {
            return Err((budget.says)(limit.minutes_left(at.seconds())).into());
        }
    }
    Ok(tries)
}

/// That a try would be counted: for what must not be used up before it is.
///
/// # Errors
/// As [`count`].
pub async fn check(table: &Table, limit: Limit, subject: &impl Subject, client: &Client) -> Result<(), Failure> {
    let at = now();
    let tries = limit.tries(table, &subject.hash(), client, at);
    for budget in &tries.budgets {
        if table.count(&budget.key, 0, tries.ttl).await? >= budget.most {
            return Err((budget.says)(limit.minutes_left(at.seconds())).into());
        }
    }
    Ok(())
}

impl Tries<'_> {
    /// The try was right: it counts for nothing, and neither do the wrong ones before it of the account, or of the browser that it knows.
    pub async fn forget(self) -> Result<(), Failure> {
        for budget in &self.budgets {
            if budget.own {
                self.table.forget(&budget.key).await?;
            } else {
                self.table.count(&budget.key, -1, self.ttl).await?;
            }
        }
        Ok(())
    }

    /// Whose tries these are counted as, as it stands in a key: an account's, or those of all browsers that it knows.
    pub(super) fn whose(&self) -> &str {
        &self.whose
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

/// Forgets the tries about an account and those of this browser, as when a mailed code proved who somebody is.
pub async fn forget(table: &Table, limit: Limit, email: &Email, client: &Client) -> Result<(), Failure> {
    let (at, whose) = (now(), email.hash());
    table.forget(&limit.key(&whose, at)).await?;
    for budget in limit.browsers(&whose, client, at).into_iter().flatten() {
        table.forget(&budget.key).await?;
    }
    Ok(())
}

/// All browsers that an address knows, as they stand in a key. `whose` is the hash of the address.
fn browsers_of(whose: &str) -> String {
    secrets::hashed(&format!("browsers of {whose}"))
}

impl Limit {
    /// A try about whoever has this hash.
    fn tries<'a>(self, table: &'a Table, whose: &str, client: &Client, at: Time) -> Tries<'a> {
        let (budgets, whose) = self.budgets(whose, client, at);
        Tries {
            table,
            budgets,
            // A window longer than it takes, so that a row is not swept within its own.
            ttl: at.seconds() + 2 * self.window,
            whose,
        }
    }

    /// What a try adds to, and whose it is counted as.
    fn budgets(self, whose: &str, client: &Client, at: Time) -> (Vec<Budget>, String) {
        match self.browsers(whose, client, at) {
            Some(budgets) => (Vec::from(budgets), browsers_of(whose)),
            None => (Vec::from(self.strangers(whose, client, at)), whose.to_owned()),
        }
    }

    /// What a try of a browser that signed in before adds to, if it is one: where it comes from does not matter then. Its own come
    /// first, so that one browser cannot use up what all have.
    fn browsers(self, whose: &str, client: &Client, at: Time) -> Option<[Budget; 2]> {
        let name = client.device_cookie.name(whose, at).filter(|_| self.by_browser)?;
        let budget = |subject: &str, most: i64, own: bool| Budget {
            key: self.key(subject, at),
            most,
            says: self.says,
            own,
        };
        let own = secrets::hashed(&format!("browser {name} of {whose}"));
        Some([
            budget(&own, self.of_account, true),
            budget(&browsers_of(whose), BROWSERS * self.of_account, false),
        ])
    }

    /// What anybody else's try adds to.
    fn strangers(self, whose: &str, client: &Client, at: Time) -> [Budget; 2] {
        [
            Budget {
                key: self.key(&secrets::hashed(&client.address), at),
                most: self.from_address,
                says: |minutes| Refusal::TooManyFromHere { minutes },
                own: false,
            },
            Budget {
                key: self.key(whose, at),
                most: self.of_account,
                says: self.says,
                own: true,
            },
        ]
    }

    fn key(self, subject: &str, at: Time) -> Key {
        let (what, window) = (self.what, at.seconds() / self.window);
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
    use crate::accounts::device_cookie::DeviceCookie;
    use crate::keys::DeviceSigner;
    use std::collections::HashSet;

    const WHOSE: &str = "whose";

    fn keys(limit: Limit, client: &Client) -> Vec<Key> {
        let (budgets, _) = limit.budgets(WHOSE, client, Time(0));
        budgets.into_iter().map(|budget| budget.key).collect()
    }

    /// A browser that signed in as somebody.
    fn known(whose: &str) -> Client {
        let keys = r#"{"media_keys": [], "device_keys": [{"id": "1", "key": "a"}], "owner_code": ""}"#;
        let signer = DeviceSigner::new(&serde_json::from_str(keys).unwrap());
        let cookie = DeviceCookie::read(&signer, "").signed_in(whose, Time(0)).unwrap().unwrap();
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
    fn a_browser_that_is_known_spends_nothing_that_strangers_do() {
        let strangers = keys(PASSWORDS, &Client::default());
        let (one, another) = (keys(PASSWORDS, &known(WHOSE)), keys(PASSWORDS, &known(WHOSE)));
        assert!(one.iter().all(|key| !strangers.contains(key)));
        assert_ne!(one[0], another[0], "each has its own");
        assert_eq!(one[1], another[1], "and all have some together");
        assert_eq!(
            keys(PASSWORDS, &known("another")),
            strangers,
            "of another address it is a stranger's"
        );
    }

    #[test]
    fn what_costs_is_counted_by_account_from_whatever_browser() {
        for limit in [MAILS, ADDRESS_MAILS, TEXTS, TEXTS_TO_NUMBER, EXPORTS, INVITATIONS, ERRANDS] {
            assert_eq!(keys(limit, &known(WHOSE)), keys(limit, &Client::default()), "{}", limit.what);
        }
    }

    #[test]
    fn each_purpose_is_counted_by_itself() {
        let all = [PASSWORDS, PROOFS, MAILS, RESET_MAILS, ADDRESS_MAILS, PASSKEYS];
        for client in [Client::default(), known(WHOSE)] {
            let keys: Vec<Key> = all.iter().flat_map(|limit| keys(*limit, &client)).collect();
            let different: HashSet<&Key> = keys.iter().collect();
            assert_eq!(different.len(), keys.len());
        }
    }
}
