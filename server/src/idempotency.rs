//! Idempotency of at-least-once deliveries: each leaves a row with its outcome, and a duplicate finds it. Handlers whose state machine
//! is idempotent (a photo's) need none.

use crate::aws::table::{Condition, Key, Row, Table, TransactWrite, WriteOutcome, keys};
use crate::error::AppError;
use crate::now;
use model::time::Time;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How long a delivery is remembered: streams and buses redeliver for a day at most.
pub const REMEMBERED_SECONDS: i64 = 2 * 86_400;

/// A delivery that was handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneRecord<T> {
    /// Schema version.
    pub version: u32,
    /// The outcome.
    pub outcome: T,
    /// Time to live, in epoch seconds.
    pub ttl: i64,
}

/// A delivery that is being handled, or was, under a lease: for side effects that cannot be part of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRecord<T> {
    /// Schema version.
    pub version: u32,
    /// Number of the current lease.
    pub revision: u64,
    /// When the lease expires.
    pub until: Time,
    /// The outcome, once it is handled.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub outcome: Option<T>,
    /// Time to live, in epoch seconds.
    pub ttl: i64,
}

/// The state of a delivery.
pub enum Claim<T> {
    /// The caller handles it, under the lease of this number.
    Ours(u64),
    /// It was handled before.
    Done(T),
    /// Another invocation holds the lease.
    Busy,
}

/// Takes a lease on a delivery: of two concurrent ones, one is handled; after a crash, the lease expires and it is handled again.
pub async fn claim<T: Serialize + DeserializeOwned>(
    table: &Table,
    function: &str,
    delivery: &str,
    seconds: i64,
) -> Result<Claim<T>, AppError> {
    let found: Option<ClaimRecord<T>> = table.get(&key(function, delivery)).await?;
    let before = found.as_ref().map_or(0, |claim| claim.revision);
    match found {
        Some(ClaimRecord {
            outcome: Some(outcome), ..
        }) => return Ok(Claim::Done(outcome)),
        Some(claim) if claim.until > now() => return Ok(Claim::Busy),
        _ => {}
    }
    let condition = if before == 0 {
        Condition::Absent
    } else {
        Condition::Revision(before)
    };
    let outcome = write_claim::<T>(table, function, delivery, before + 1, seconds, None, condition).await?;
    Ok(if outcome.is_written() {
        Claim::Ours(before + 1)
    } else {
        Claim::Busy
    })
}

/// Stores the outcome of a delivery, if its lease is still held.
pub async fn settle<T: Serialize>(table: &Table, function: &str, delivery: &str, claim: u64, outcome: T) -> Result<(), AppError> {
    let ours = Condition::Revision(claim);
    write_claim(table, function, delivery, claim, 0, Some(outcome), ours)
        .await
        .map(drop)
}

/// Gives the lease up, if it is still held, so that the next attempt can take it.
pub async fn release<T: Serialize>(table: &Table, function: &str, delivery: &str, claim: u64) -> Result<(), AppError> {
    let ours = Condition::Revision(claim);
    write_claim::<T>(table, function, delivery, claim, 0, None, ours)
        .await
        .map(drop)
}

async fn write_claim<T: Serialize>(
    table: &Table,
    function: &str,
    delivery: &str,
    revision: u64,
    seconds: i64,
    outcome: Option<T>,
    condition: Condition<'_>,
) -> Result<WriteOutcome, AppError> {
    let record = ClaimRecord {
        version: DONE_VERSION,
        revision,
        until: now().plus_seconds(seconds),
        outcome,
        ttl: now().plus_seconds(REMEMBERED_SECONDS).seconds(),
    };
    let row = Row {
        key: key(function, delivery),
        item: &record,
        condition,
    };
    table.put_with_retries(row).await
}

/// Current version of [`DoneRecord`] and [`ClaimRecord`].
pub const DONE_VERSION: u32 = 1;

/// The key of a delivery to a function: the identifier is the same at each redelivery.
pub fn key(function: &str, delivery: &str) -> Key {
    keys::delivery(function, delivery)
}

/// The outcome of a delivery, if it was handled.
pub async fn outcome<T: DeserializeOwned>(table: &Table, function: &str, delivery: &str) -> Result<Option<T>, AppError> {
    let done: Option<DoneRecord<T>> = table.get(&key(function, delivery)).await?;
    Ok(done.map(|done| done.outcome))
}

/// The write that marks a delivery as handled, for the transaction with its effects.
pub fn remember<T: Serialize>(table: &Table, function: &str, delivery: &str, outcome: &T) -> Result<TransactWrite, AppError> {
    table.transact_put(Row {
        key: key(function, delivery),
        item: &DoneRecord {
            version: DONE_VERSION,
            outcome,
            ttl: now().plus_seconds(REMEMBERED_SECONDS).seconds(),
        },
        condition: Condition::Absent,
    })
}
