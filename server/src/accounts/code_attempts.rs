//! Rate limits of one-time codes: some attempts per quarter of an hour, and a number per day. The account's owner is notified once the
//! daily number is used up.

use super::client::Client;
use super::email::Email;
use super::rate_limits::{self, Attempt, Limit};
use crate::aws::identity::Identity;
use crate::aws::table::{Condition, Key, Row, Table, keys};
use crate::error::AppError;
use crate::notifications::outbox::{self, To};
use crate::now;
use model::notifications::Notification;
use model::user_error::UserError;
use serde::{Deserialize, Serialize};

/// Wrong codes of one kind per account and day, and as many more from all of its known browsers together. With a million codes, such an
/// attacker guesses one in twenty thousand days.
pub const A_DAY: i64 = 50;

const DAY_SECONDS: i64 = 86_400;

/// Kinds of codes. Each has its own counters: knowing an address must not be enough to use up the attempts at the second step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKind {
    /// Mailed at sign-up.
    SignUp,
    /// Mailed to reset a password.
    Reset,
    /// Of the second step, after the password.
    SecondStep,
    /// Of an authenticator app that is being set up.
    Setup,
    /// Prove the new address of an account.
    Address,
    /// Prove a phone number.
    Phone,
}

impl CodeKind {
    /// Name in keys.
    fn name(self) -> &'static str {
        match self {
            Self::SignUp => "SIGN-UP-CODE",
            Self::Reset => "RESET-CODE",
            Self::SecondStep => "SECOND-CODE",
            Self::Setup => "SETUP-CODE",
            Self::Address => "ADDRESS-CODE",
            Self::Phone => "PHONE-CODE",
        }
    }

    /// The limit per quarter of an hour.
    pub fn limit(self) -> Limit {
        rate_limits::codes(self.name())
    }

    /// Key of the daily counter.
    fn count_key(self, subject: &str, at: i64) -> Key {
        self.daily_key("DAY", subject, at)
    }

    /// Key of the row that marks the day's notification as requested.
    fn notification_key(self, subject: &str, at: i64) -> Key {
        self.daily_key("TOLD", subject, at)
    }

    fn daily_key(self, suffix: &str, subject: &str, at: i64) -> Key {
        keys::attempts(&format!("{}-{suffix}", self.name()), subject, at / DAY_SECONDS)
    }
}

/// Marks the day's notification as requested.
#[derive(Serialize, Deserialize)]
struct Notified {
    /// DynamoDB TTL, in epoch seconds.
    ttl: i64,
}

/// A counted attempt, to be undone if the code is right.
pub struct CodeAttempt<'a> {
    attempt: Attempt<'a>,
    table: &'a Table,
    day: Key,
    ttl: i64,
}

/// Counts an attempt before the code is compared. The first attempt over the daily limit notifies the account's owner.
///
/// # Errors
/// [`UserError::TooManyCodes`], and those of [`rate_limits::count`].
pub async fn count<'a>(
    table: &'a Table,
    identity: &Identity,
    of: CodeKind,
    email: &Email,
    client: &Client,
) -> Result<CodeAttempt<'a>, AppError> {
    let counted = count_without_notification(table, of, email, client).await;
    if matches!(counted, Err(AppError::User(UserError::TooManyCodes { .. }))) {
        notify(table, identity, of, email).await?;
    }
    counted
}

/// As [`count`], without a notification: for users who are signed in, or have no account yet.
///
/// # Errors
/// As [`count`].
pub async fn count_without_notification<'a>(
    table: &'a Table,
    of: CodeKind,
    email: &Email,
    client: &Client,
) -> Result<CodeAttempt<'a>, AppError> {
    let attempt = rate_limits::count(table, of.limit(), email, client).await?;
    let at = now().seconds();
    let day = of.count_key(attempt.subject(), at);
    let ttl = expires_at(at);
    if table.count(&day, 1, ttl).await? > A_DAY {
        let minutes = rate_limits::minutes_left(DAY_SECONDS, at);
        return Err(UserError::TooManyCodes { minutes }.into());
    }
    Ok(CodeAttempt {
        attempt,
        table,
        day,
        ttl,
    })
}

/// TTL of a daily row: one day more, so that DynamoDB does not delete it within its day.
fn expires_at(at: i64) -> i64 {
    at + 2 * DAY_SECONDS
}

impl CodeAttempt<'_> {
    /// Undoes this attempt, after the right code. The day's earlier attempts still count.
    pub async fn undo(self) -> Result<(), AppError> {
        self.table.count(&self.day, -1, self.ttl).await?;
        self.attempt.forget().await
    }
}

/// Notifies the account's owner, once a day: the marker is written in one transaction with the notification, so concurrent or failing
/// attempts send no second one. An address without an account gets no notification, but the marker all the same: otherwise each attempt
/// would ask the user pool again, and the response time would show that there is no account.
async fn notify(table: &Table, identity: &Identity, of: CodeKind, email: &Email) -> Result<(), AppError> {
    let at = now().seconds();
    let key = of.notification_key(&email.hash(), at);
    let before: Option<Notified> = table.get(&key).await?;
    if before.is_some() {
        return Ok(());
    }
    let mut rows = vec![table.transact_put(Row {
        key,
        item: &Notified { ttl: expires_at(at) },
        condition: Condition::Absent,
    })?];
    if identity.user_exists(email.as_str()).await? {
        let account = identity.user(email.as_str()).await?.id;
        let notification = Notification::CodesGuessed {
            second_step: of == CodeKind::SecondStep,
        };
        rows.push(outbox::transact_enqueue(table, &To::Account(account), notification)?);
    }
    // The condition fails if a concurrent attempt has notified.
    table.transact_write_with_retries(rows).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_kind_of_code_has_its_own_counters() {
        let all = [
            CodeKind::SignUp,
            CodeKind::Reset,
            CodeKind::SecondStep,
            CodeKind::Setup,
            CodeKind::Address,
            CodeKind::Phone,
        ];
        let keys: HashSet<Key> = all
            .iter()
            .flat_map(|of| [of.count_key("a", 0), of.notification_key("a", 0)])
            .collect();
        assert_eq!(keys.len(), 2 * all.len());
        assert_ne!(
            CodeKind::Reset.count_key("a", 0),
            CodeKind::Reset.count_key("a", DAY_SECONDS),
            "another day"
        );
        assert_ne!(
            CodeKind::Reset.count_key("a", 0),
            CodeKind::Reset.count_key("b", 0),
            "another account"
        );
    }
}
