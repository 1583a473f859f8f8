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

/// What a code proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// That an account may move to an address.
    Address,
    /// That a phone number is an account's.
    Phone,
    /// That an address is whose who wants an account. Such codes stand by the address' hash, in the place of an account.
    SignUp,
    /// That a mailbox is read by who forgot the password. These stand by the address' hash, too.
    Password,
}

/// Something that waits for its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRecord {
    /// Schema version.
    pub version: u32,
    /// Counts the writes of this row, for optimistic locking.
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
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl CodeRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Its place: one for each purpose of an account, or of an address.
    pub fn key(purpose: Purpose, account: &str) -> Key {
        let purpose = match purpose {
            Purpose::Address => "ADDRESS",
            Purpose::Phone => "PHONE",
            Purpose::SignUp => "SIGN-UP",
            Purpose::Password => "PASSWORD",
        };
        Key::new(format!("CODE#{purpose}#{account}"), "CODE")
    }

    /// Whether it is not too old.
    fn is_good(&self) -> bool {
        self.ends_at > now()
    }
}

/// From now on an account waits for a code that proves something. What it waited for before is forgotten.
pub async fn expect(table: &Table, purpose: Purpose, account: &str, proves: &str) -> Result<(), Failure> {
    let ends_at = now().plus_seconds(CODE_SECONDS);
    table
        .change(&CodeRecord::key(purpose, account), |_: Option<CodeRecord>, revision| {
            Ok(Some(CodeRecord {
                version: CodeRecord::VERSION,
                revision,
                proves: proves.to_owned(),
                hash: None,
                tries: 0,
                ends_at,
                ttl: ends_at.seconds(),
            }))
        })
        .await
        .map(drop)
}

/// What an account waits to prove, if anything.
pub async fn expected(table: &Table, purpose: Purpose, account: &str) -> Result<Option<String>, Failure> {
    let record: Option<CodeRecord> = table.get(&CodeRecord::key(purpose, account)).await?;
    Ok(record.filter(CodeRecord::is_good).map(|record| record.proves))
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
    let code = format!("{:06}", getrandom::u32().while_doing("draw a code")? % 1_000_000);
    let drawn = table
        .change(&CodeRecord::key(purpose, account), |record: Option<CodeRecord>, revision| {
            Ok(record.filter(CodeRecord::is_good).map(|record| CodeRecord {
                revision,
                hash: Some(hash(purpose, account, &code)),
                ..record
            }))
        })
        .await?;
    Ok(drawn.map(|drawn| (code, drawn.proves)))
}

/// Uses a code up; answers what it proves.
///
/// # Errors
/// [`Refusal::WrongCode`], [`Refusal::CodeExpired`]; [`Refusal::TooMany`] after five tries, whatever is tried then.
pub async fn redeem(table: &Table, purpose: Purpose, account: &str, code: &str) -> Result<String, Failure> {
    let key = CodeRecord::key(purpose, account);
    let record: CodeRecord = table.get(&key).await?.ok_or(Refusal::WrongCode)?;
    if !record.is_good() {
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
