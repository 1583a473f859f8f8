//! Guesses at codes: few in a quarter of an hour, and not many in a day. Whose account it is hears when those of a day are spent.

use super::client::Client;
use super::limits::{self, Limit, Tries};
use super::sign_up::Email;
use crate::aws::identity::Identity;
use crate::aws::table::{Given, Key, Row, Table};
use crate::failure::Failure;
use crate::notices::outbox::{self, To};
use crate::now;
use model::notices::Notice;
use model::refusals::Refusal;
use serde::{Deserialize, Serialize};

/// Wrong codes of one sort that an account takes in a day, and as many more from all browsers together that it knows. Of a million, who
/// tries so many each day guesses one in twenty thousand days.
pub const A_DAY: i64 = 50;

const DAY_SECONDS: i64 = 86_400;

/// Which codes are guessed. Each is counted by itself: who knows an address alone must not use up what the second step takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Those that a mail brings to who signs up.
    SignUp,
    /// Those that a mail brings to who forgot the password.
    Reset,
    /// Those of the second step, for which one needs the password.
    SecondStep,
    /// Those of an app that is being set up for the second step.
    Setup,
    /// Those that prove the address that an account moves to.
    Address,
    /// Those that prove a phone number.
    Phone,
}

impl Of {
    /// How they stand in keys.
    fn what(self) -> &'static str {
        match self {
            Self::SignUp => "SIGN-UP-CODE",
            Self::Reset => "RESET-CODE",
            Self::SecondStep => "SECOND-CODE",
            Self::Setup => "SETUP-CODE",
            Self::Address => "ADDRESS-CODE",
            Self::Phone => "PHONE-CODE",
        }
    }

    /// How many a quarter of an hour takes.
    pub fn limit(self) -> Limit {
        limits::codes(self.what())
    }

    /// The place of a day's count.
    fn count_key(self, whose: &str, at: i64) -> Key {
        self.key_of_day("DAY", whose, at)
    }

    /// The place that says that the day's notice was asked for.
    fn notice_key(self, whose: &str, at: i64) -> Key {
        self.key_of_day("TOLD", whose, at)
    }

    fn key_of_day(self, which: &str, whose: &str, at: i64) -> Key {
        let (what, day) = (format!("{}-{which}", self.what()), at / DAY_SECONDS);
        Key::new(format!("TRIES#{what}#{whose}#{day}"), "TRIES")
    }
}

/// That a day's notice was asked for.
#[derive(Serialize, Deserialize)]
struct Notified {
    /// When the table may sweep the row, in epoch seconds.
    ttl: i64,
}

/// A guess that was counted, to be given back.
pub struct Guess<'a> {
    tries: Tries<'a>,
    table: &'a Table,
    day: Key,
    ttl: i64,
}

/// Counts a guess before it is looked at. Whose account it is hears of the first that a day does not take, whoever makes it.
///
/// # Errors
/// [`Refusal::TooManyCodes`], and those of [`limits::count`].
pub async fn count<'a>(
    table: &'a Table,
    identity: &Identity,
    of: Of,
    email: &Email,
    client: &Client,
) -> Result<Guess<'a>, Failure> {
    let counted = count_without_notice(table, of, email, client).await;
    if matches!(counted, Err(Failure::Refused(Refusal::TooManyCodes { .. }))) {
        notify(table, identity, of, email).await?;
    }
    counted
}

/// Counts a guess of somebody who is signed in, or has no account yet: nobody gets a notice.
///
/// # Errors
/// As [`count`].
pub async fn count_without_notice<'a>(table: &'a Table, of: Of, email: &Email, client: &Client) -> Result<Guess<'a>, Failure> {
    let tries = limits::count(table, of.limit(), email, client).await?;
    let at = now().seconds();
    let day = of.count_key(tries.whose(), at);
    let ttl = ends_after(at);
    if table.count(&day, 1, ttl).await? > A_DAY {
        let minutes = limits::minutes_left(DAY_SECONDS, at);
        return Err(Refusal::TooManyCodes { minutes }.into());
    }
    Ok(Guess { tries, table, day, ttl })
}

/// A day longer than a day takes, so that a row is not swept within its own.
fn ends_after(at: i64) -> i64 {
    at + 2 * DAY_SECONDS
}

impl Guess<'_> {
    /// The guess was right: it counts for nothing. What others guessed before it that day still does.
    pub async fn was_right(self) -> Result<(), Failure> {
        self.table.count(&self.day, -1, self.ttl).await?;
        self.tries.forget().await
    }
}

/// Tells whose account it is, once a day: what says so is written together with the notice, so that neither guesses at the same moment
/// nor one that fails in between change that. An address without an account hears nothing: anybody can guess at its codes. That is
/// written down for it all the same: otherwise the pool would be asked again at each guess, and the time that takes would tell.
async fn notify(table: &Table, identity: &Identity, of: Of, email: &Email) -> Result<(), Failure> {
    let at = now().seconds();
    let key = of.notice_key(&email.hash(), at);
    let before: Option<Notified> = table.get(&key).await?;
    if before.is_some() {
        return Ok(());
    }
    let mut rows = vec![table.together(Row {
        key,
        item: &Notified { ttl: ends_after(at) },
        given: Given::Absent,
    })?];
    if identity.knows(email.as_str()).await? {
        let account = identity.account(email.as_str()).await?.id;
        let notice = Notice::CodesGuessed {
            second_step: of == Of::SecondStep,
        };
        rows.push(outbox::asked(table, &To::Account(account), notice)?);
    }
    table.put_together(rows).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_sort_of_code_is_counted_by_itself() {
        let all = [Of::SignUp, Of::Reset, Of::SecondStep, Of::Setup, Of::Address, Of::Phone];
        let keys: HashSet<Key> = all
            .iter()
            .flat_map(|of| [of.count_key("a", 0), of.notice_key("a", 0)])
            .collect();
        assert_eq!(keys.len(), 2 * all.len());
        assert_ne!(
            Of::Reset.count_key("a", 0),
            Of::Reset.count_key("a", DAY_SECONDS),
            "another day"
        );
        assert_ne!(Of::Reset.count_key("a", 0), Of::Reset.count_key("b", 0), "another account");
    }
}
