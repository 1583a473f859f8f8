//! What was done: at-least-once deliveries leave one row each, so that the second finds what the first did.
//! States that can be read from their own row (a photo's) need none: there the transition itself is done once.

use crate::aws::table::{Given, Key, Row, Table, Together};
use crate::failure::Failure;
use crate::now;
use model::time::Time;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How long a delivery is remembered: streams and buses deliver again for a day at most.
pub const REMEMBERED_SECONDS: i64 = 2 * 86_400;

/// One delivery that was handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneRecord<T> {
    /// Version of this shape.
    pub version: u32,
    /// What came of it.
    pub outcome: T,
    /// When the table may sweep the row, in epoch seconds.
    pub ttl: i64,
}

/// One delivery that is being handled, or was: for what cannot be written together with what it brings about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRecord<T> {
    /// Version of this shape.
    pub version: u32,
    /// Counts those who claimed it.
    pub revision: u64,
    /// Until when the last of them has for it.
    pub until: Time,
    /// What came of it, once something has.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub outcome: Option<T>,
    /// When the table may sweep the row, in epoch seconds.
    pub ttl: i64,
}

/// How a delivery stands.
pub enum Claim<T> {
    /// It is ours to handle, as who claimed it for the `n`th time.
    Ours(u64),
    /// It was handled.
    Done(T),
    /// Another is at it.
    Busy,
}

/// Claims a delivery for some seconds: of two that come at once, one is handled, and one that was left half way is again.
pub async fn claim<T: Serialize + DeserializeOwned>(
    table: &Table,
    door: &str,
    delivery: &str,
    seconds: i64,
) -> Result<Claim<T>, Failure> {
    let there: Option<ClaimRecord<T>> = table.get(&key(door, delivery)).await?;
    let before = there.as_ref().map_or(0, |claim| claim.revision);
    match there {
        Some(ClaimRecord {
            outcome: Some(outcome), ..
        }) => return Ok(Claim::Done(outcome)),
        Some(claim) if claim.until > now() => return Ok(Claim::Busy),
        _ => {}
    }
    let given = if before == 0 { Given::Absent } else { Given::Revision(before) };
    let ours = write_claim::<T>(table, door, delivery, before + 1, seconds, None, given).await?;
    Ok(if ours { Claim::Ours(before + 1) } else { Claim::Busy })
}

/// Remembers what came of a delivery that was claimed.
pub async fn settle<T: Serialize>(table: &Table, door: &str, delivery: &str, claim: u64, outcome: T) -> Result<(), Failure> {
    let ours = Given::Revision(claim);
    write_claim(table, door, delivery, claim, 0, Some(outcome), ours)
        .await
        .map(drop)
}

/// Leaves a delivery to whoever comes next.
pub async fn release<T: Serialize>(table: &Table, door: &str, delivery: &str, claim: u64) -> Result<(), Failure> {
    let ours = Given::Revision(claim);
    write_claim::<T>(table, door, delivery, claim, 0, None, ours).await.map(drop)
}

async fn write_claim<T: Serialize>(
    table: &Table,
    door: &str,
    delivery: &str,
    revision: u64,
    seconds: i64,
    outcome: Option<T>,
    given: Given<'_>,
) -> Result<bool, Failure> {
    let record = ClaimRecord {
        version: DONE_VERSION,
        revision,
        until: now().plus_seconds(seconds),
        outcome,
        ttl: now().plus_seconds(REMEMBERED_SECONDS).seconds(),
    };
    let row = Row {
        key: key(door, delivery),
        item: &record,
        given,
    };
    table.put(row).await
}

/// Version of [`DoneRecord`] and [`ClaimRecord`] that is written today.
pub const DONE_VERSION: u32 = 1;

/// The place of a delivery to a door, by the identifier that it comes with each time.
pub fn key(door: &str, delivery: &str) -> Key {
    Key::new(format!("DONE#{door}#{delivery}"), "DONE")
}

/// What came of a delivery, if it was handled.
pub async fn outcome<T: DeserializeOwned>(table: &Table, door: &str, delivery: &str) -> Result<Option<T>, Failure> {
    let done: Option<DoneRecord<T>> = table.get(&key(door, delivery)).await?;
    Ok(done.map(|done| done.outcome))
}

/// The write that remembers a delivery, to be done together with what it brings about.
pub fn remember<T: Serialize>(table: &Table, door: &str, delivery: &str, outcome: &T) -> Result<Together, Failure> {
    table.together(Row {
        key: key(door, delivery),
        item: &DoneRecord {
            version: DONE_VERSION,
            outcome,
            ttl: now().plus_seconds(REMEMBERED_SECONDS).seconds(),
        },
        given: Given::Absent,
    })
}
