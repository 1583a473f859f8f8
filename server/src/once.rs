//! What was done: at-least-once deliveries leave one row each, so that the second finds what the first did.
//! States that can be read from their own row (a photo's) need none: there the transition itself is done once.

use crate::aws::table::{Given, Key, Row, Table, Together};
use crate::failure::Failure;
use crate::now;
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

/// Version of [`DoneRecord`] that is written today.
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
