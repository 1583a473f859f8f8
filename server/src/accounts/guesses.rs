//! Guesses at codes: few in a quarter of an hour, and not many in a day. Whose account it is hears when those of a day are spent.

use super::client::Client;
use super::limits::{self, CODES, Tries};
use super::sign_up::Email;
use crate::aws::identity::Identity;
use crate::aws::table::{Key, Table};
use crate::failure::Failure;
use crate::notices::outbox::{self, To};
use crate::now;
use model::notices::Notice;
use model::refusals::Refusal;

/// Wrong codes that an account takes in a day. Of a million, who tries so many each day guesses one in twenty thousand days.
pub const A_DAY: i64 = 50;

const DAY_SECONDS: i64 = 86_400;

/// Which codes are guessed. Each is counted by itself: who knows an address alone must not use up what the second step takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Those that a mail brings.
    Mail,
    /// Those of the second step, for which one needs the password.
    SecondStep,
}

impl Of {
    /// The place of a day's count.
    pub fn key(self, email: &Email, at: i64) -> Key {
        let what = match self {
            Self::Mail => "MAILED-CODE",
            Self::SecondStep => "SECOND-CODE",
        };
        let (hash, day) = (email.hash(), at / DAY_SECONDS);
        Key::new(format!("TRIES#{what}#{hash}#{day}"), "TRIES")
    }
}

/// A guess that was counted, to be given back.
pub struct Guess<'a> {
    tries: Tries<'a>,
    table: &'a Table,
    day: Key,
    ttl: i64,
}

/// Counts a guess before it is looked at.
///
/// # Errors
/// [`Refusal::TooManyCodes`], and those of [`limits::count`].
pub async fn count<'a>(
    table: &'a Table,
    identity: &Identity,
    of: Of,
    email: &Email,
    client: &'a Client,
) -> Result<Guess<'a>, Failure> {
    let tries = limits::count(table, CODES, email, client).await?;
    let at = now().seconds();
    let day = of.key(email, at);
    // A day longer than it takes, so that the row is not swept within its own.
    let ttl = at + 2 * DAY_SECONDS;
    let made = table.count(&day, 1, ttl).await?;
    if made <= A_DAY {
        return Ok(Guess { tries, table, day, ttl });
    }
    // The first that is refused: none of those before it was right.
    if made == A_DAY + 1 {
        tell(table, identity, of, email).await?;
    }
    let minutes = limits::minutes_left(DAY_SECONDS, at);
    Err(Refusal::TooManyCodes { minutes }.into())
}

impl Guess<'_> {
    /// The guess was right: it counts for nothing. What others guessed before it that day still does.
    pub async fn was_right(self) -> Result<(), Failure> {
        self.table.count(&self.day, -1, self.ttl).await?;
        self.tries.forget().await
    }
}

/// An address without an account hears nothing: anybody can guess at its codes.
async fn tell(table: &Table, identity: &Identity, of: Of, email: &Email) -> Result<(), Failure> {
    if !identity.knows(email.as_str()).await? {
        return Ok(());
    }
    let account = identity.account(email.as_str()).await?.id;
    let notice = Notice::CodesGuessed {
        second_step: of == Of::SecondStep,
    };
    outbox::ask(table, &To::Account(account), notice).await
}
