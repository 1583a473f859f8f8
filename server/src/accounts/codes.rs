//! Codes that we draw and send ourselves: six digits, for a while, and few tries.

use crate::aws::table::{Given, Key, Row, Table};
use crate::failure::{Failure, While};
use crate::{now, secrets};
use model::refusals::Refusal;
use model::time::Time;
use serde::{Deserialize, Serialize};

/// How long a code is good.
pub const CODE_SECONDS: i64 = 15 * 60;

/// Tries at one code: of a million, five are guessed.
const TRIES: u64 = 5;

/// How often a write is tried when another is made at the same moment.
const ATTEMPTS: usize = 4;

/// What a code proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// That an account may move to an address.
    Address,
    /// That a phone number is an account's.
    Phone,
}

/// Something that waits for its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRecord {
    /// Version of this shape.
    pub version: u32,
    /// Counts the writes of this row.
    pub revision: u64,
    /// What the code proves, as an address or a number.
    pub proves: String,
    /// The code's hash, once it was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Tries that were made.
    pub tries: u64,
    /// Until when it is good.
    pub ends_at: Time,
    /// When the table may sweep the row, in epoch seconds.
    pub ttl: i64,
}

impl CodeRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 1;

    /// Its place: one for each purpose of an account.
    pub fn key(purpose: Purpose, account: &str) -> Key {
        let purpose = match purpose {
            Purpose::Address => "ADDRESS",
            Purpose::Phone => "PHONE",
        };
        Key::new(format!("CODE#{purpose}#{account}"), "CODE")
    }
}

/// From now on an account waits for a code that proves something. What it waited for before is forgotten.
pub async fn expect(table: &Table, purpose: Purpose, account: &str, proves: &str) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS {
        let before: Option<CodeRecord> = table.get(&CodeRecord::key(purpose, account)).await?;
        let read = before.map(|before| before.revision);
        let ends_at = now().plus_seconds(CODE_SECONDS);
        let record = CodeRecord {
            version: CodeRecord::VERSION,
            revision: read.unwrap_or(0) + 1,
            proves: proves.to_owned(),
            hash: None,
            tries: 0,
            ends_at,
            ttl: ends_at.seconds(),
        };
        let row = Row {
            key: CodeRecord::key(purpose, account),
            item: &record,
            given: read.map_or(Given::Absent, Given::Revision),
        };
        if table.put(row).await? {
            return Ok(());
        }
    }
    Err(Refusal::TooMany.into())
}

/// What an account waits to prove, if anything.
pub async fn expected(table: &Table, purpose: Purpose, account: &str) -> Result<Option<String>, Failure> {
    Ok(awaited(table, purpose, account).await?.map(|record| record.proves))
}

/// The code that an account waits for, unless it is too old.
async fn awaited(table: &Table, purpose: Purpose, account: &str) -> Result<Option<CodeRecord>, Failure> {
    let record: Option<CodeRecord> = table.get(&CodeRecord::key(purpose, account)).await?;
    Ok(record.filter(|record| record.ends_at > now()))
}

/// An account waits for no code of a purpose any more.
pub async fn give_up(table: &Table, purpose: Purpose, account: &str) -> Result<(), Failure> {
    let key = CodeRecord::key(purpose, account);
    table.take::<CodeRecord>(&key).await.map(drop)
}

/// Draws the code that an account waits for, and answers it with what it proves; `None` when it waits no more.
///
/// Drawn again, as when its mail is sent twice, the code before is good no more.
pub async fn draw(table: &Table, purpose: Purpose, account: &str) -> Result<Option<(String, String)>, Failure> {
    for _ in 0..ATTEMPTS {
        let Some(record) = awaited(table, purpose, account).await? else {
            return Ok(None);
        };
        let code = format!("{:06}", getrandom::u32().while_doing("draw a code")? % 1_000_000);
        let drawn = CodeRecord {
            hash: Some(hash(purpose, account, &code)),
            revision: record.revision + 1,
            ..record.clone()
        };
        let row = Row {
            key: CodeRecord::key(purpose, account),
            item: &drawn,
            given: Given::Revision(record.revision),
        };
        if table.put(row).await? {
            return Ok(Some((code, drawn.proves)));
        }
    }
    Err(Failure::broken("draw a code", format!("others wrote it {ATTEMPTS} times")))
}

/// Uses a code up; answers what it proves.
///
/// # Errors
/// [`Refusal::WrongCode`], [`Refusal::CodeExpired`]; [`Refusal::TooMany`] after five tries, whatever is tried then.
pub async fn redeem(table: &Table, purpose: Purpose, account: &str, code: &str) -> Result<String, Failure> {
    let key = CodeRecord::key(purpose, account);
    let record: CodeRecord = table.get(&key).await?.ok_or(Refusal::WrongCode)?;
    if record.ends_at <= now() {
        return Err(Refusal::CodeExpired.into());
    }
    if record.tries >= TRIES {
        return Err(Refusal::TooMany.into());
    }
    let tried = CodeRecord {
        tries: record.tries + 1,
        revision: record.revision + 1,
        ..record.clone()
    };
    let row = Row {
        key: key.clone(),
        item: &tried,
        given: Given::Revision(record.revision),
    };
    // Counted before it is looked at: tries at the same moment count, too.
    if !table.put(row).await? {
        return Err(Refusal::TooMany.into());
    }
    let right = record
        .hash
        .is_some_and(|known| secrets::same(&known, &hash(purpose, account, code)));
    if !right {
        return Err(Refusal::WrongCode.into());
    }
    let used: Option<CodeRecord> = table.take(&key).await?;
    used.map(|used| used.proves).ok_or_else(|| Refusal::WrongCode.into())
}

/// A code is short: its hash hides it from a glance, not from who has the table for the minutes that it is good.
fn hash(purpose: Purpose, account: &str, code: &str) -> String {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    secrets::hashed(&format!("{purpose:?}:{account}:{digits}"))
}
