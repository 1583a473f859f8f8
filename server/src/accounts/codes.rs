//! One-time codes that Shoebox generates and sends itself: six digits, short-lived, with few attempts.

use crate::aws::table::{Condition, Key, Row, Table, keys};
use crate::error::{AppError, Context};
use crate::{now, secrets};
use model::time::Time;
use model::user_error::UserError;
use serde::{Deserialize, Serialize};

/// How long a code is valid.
pub const CODE_SECONDS: i64 = 15 * 60;

/// Attempts at one of a million codes.
const MAX_ATTEMPTS: u64 = 5;

/// What a code proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The new address of an account.
    Address,
    /// The phone number of an account.
    Phone,
    /// The address at sign-up. Keyed by the address' hash instead of an account.
    SignUp,
    /// The address at a password reset. Keyed by the address' hash, too.
    Password,
}

/// A requested code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRecord {
    /// Schema version.
    pub version: u32,
    /// Counts the writes of this row, for optimistic locking.
    pub revision: u64,
    /// The address or phone number that the code proves.
    pub proves: String,
    /// The code's hash, once it was generated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Attempts so far.
    pub tries: u64,
    /// Expiry.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl CodeRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key: one row per purpose and account, or address hash.
    pub fn key(purpose: Purpose, account: &str) -> Key {
        let purpose = match purpose {
            Purpose::Address => "ADDRESS",
            Purpose::Phone => "PHONE",
            Purpose::SignUp => "SIGN-UP",
            Purpose::Password => "PASSWORD",
        };
        keys::code(purpose, account)
    }

    /// Whether it has not expired.
    fn is_valid(&self) -> bool {
        self.ends_at > now()
    }
}

/// Requests a code that proves `proves`, to be generated when it is sent; replaces an earlier request of the same purpose.
pub async fn request(table: &Table, purpose: Purpose, account: &str, proves: &str) -> Result<(), AppError> {
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

/// The address or number that a requested code proves, if any.
pub async fn requested(table: &Table, purpose: Purpose, account: &str) -> Result<Option<String>, AppError> {
    let record: Option<CodeRecord> = table.get(&CodeRecord::key(purpose, account)).await?;
    Ok(record.filter(CodeRecord::is_valid).map(|record| record.proves))
}

/// Cancels the requested code of a purpose.
pub async fn cancel(table: &Table, purpose: Purpose, account: &str) -> Result<(), AppError> {
    let key = CodeRecord::key(purpose, account);
    table.delete_returning::<CodeRecord>(&key).await.map(drop)
}

/// Generates the requested code; returns it with what it proves, or `None` if no code was requested.
///
/// A second call, as when its mail is sent twice, invalidates the first code.
pub async fn generate(table: &Table, purpose: Purpose, account: &str) -> Result<Option<(String, String)>, AppError> {
    let code = format!("{:06}", getrandom::u32().context("generate a code")? % 1_000_000);
    let record = table
        .change(&CodeRecord::key(purpose, account), |record: Option<CodeRecord>, revision| {
            Ok(record.filter(CodeRecord::is_valid).map(|record| CodeRecord {
                revision,
                hash: Some(hash(purpose, account, &code)),
                ..record
            }))
        })
        .await?;
    Ok(record.map(|record| (code, record.proves)))
}

/// Consumes a code; returns what it proves.
///
/// # Errors
/// [`UserError::WrongCode`], [`UserError::CodeExpired`]; [`UserError::TooMany`] after five attempts, even for the right code.
pub async fn redeem(table: &Table, purpose: Purpose, account: &str, code: &str) -> Result<String, AppError> {
    let key = CodeRecord::key(purpose, account);
    let record: CodeRecord = table.get(&key).await?.ok_or(UserError::WrongCode)?;
    if !record.is_valid() {
        return Err(UserError::CodeExpired.into());
    }
    if record.tries >= MAX_ATTEMPTS {
        return Err(UserError::TooMany.into());
    }
    let counted = CodeRecord {
        tries: record.tries + 1,
        revision: record.revision + 1,
        ..record.clone()
    };
    let row = Row {
        key: key.clone(),
        item: &counted,
        condition: Condition::Revision(record.revision),
    };
    // Counted before the comparison, so that concurrent attempts count, too.
    if !table.put(row).await?.is_written() {
        return Err(UserError::TooMany.into());
    }
    let matches = record
        .hash
        .is_some_and(|expected| secrets::same(&expected, &hash(purpose, account, code)));
    if !matches {
        return Err(UserError::WrongCode.into());
    }
    let used: Option<CodeRecord> = table.delete_returning(&key).await?;
    used.map(|used| used.proves).ok_or_else(|| UserError::WrongCode.into())
}

/// A code is so short that its hash can be reversed: it only keeps the code out of plain sight.
fn hash(purpose: Purpose, account: &str, code: &str) -> String {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    secrets::hashed(&format!("{purpose:?}:{account}:{digits}"))
}
