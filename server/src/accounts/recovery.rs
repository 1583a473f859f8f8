//! Recovery codes: stored as hashes, each valid once.

use super::records::RecoveryRecord;
use crate::aws::table::Table;
use crate::error::{AppError, Context};
use crate::secrets;
use model::ids::AccountId;
use model::user_error::UserError;
use std::collections::BTreeSet;

/// Codes per account.
const CODES: usize = 10;

/// Characters of a code: 80 bits, so that its hash cannot be reversed.
const CODE_CHARS: usize = 16;

/// Crockford's base 32 in lower case, which has no easily confused characters.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A code was consumed.
#[derive(Debug)]
pub struct Used {
    /// Unused codes that remain.
    pub left: u32,
}

/// Generates new codes.
pub fn generate() -> Result<Vec<String>, AppError> {
    (0..CODES).map(|_| generate_one()).collect()
}

fn generate_one() -> Result<String, AppError> {
    let mut bytes = [0_u8; CODE_CHARS];
    getrandom::fill(&mut bytes).context("generate random bytes")?;
    let chars: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    let groups = chars.chunks(4).map(|four| four.iter().collect::<String>());
    Ok(groups.collect::<Vec<_>>().join("-"))
}

/// Stores an account's codes; invalidates earlier ones.
pub async fn save(table: &Table, account: &AccountId, codes: &[String]) -> Result<(), AppError> {
    table
        .change(&RecoveryRecord::key(account), |_: Option<RecoveryRecord>, revision| {
            Ok(Some(RecoveryRecord {
                version: RecoveryRecord::VERSION,
                revision,
                hashes: codes.iter().map(|code| hash(code)).collect(),
            }))
        })
        .await
        .map(drop)
}

/// The number of unused codes of an account; `None` if its second step is off.
pub async fn remaining(table: &Table, account: &AccountId) -> Result<Option<u32>, AppError> {
    let record: Option<RecoveryRecord> = table.get(&RecoveryRecord::key(account)).await?;
    Ok(record.map(|record| count(&record.hashes)))
}

/// Consumes a code.
///
/// # Errors
/// [`UserError::WrongSecondCode`] for an unknown or used code.
pub async fn redeem(table: &Table, account: &AccountId, code: &str) -> Result<Used, AppError> {
    let record = table
        .change(&RecoveryRecord::key(account), |record: Option<RecoveryRecord>, revision| {
            let mut record = record.ok_or(UserError::WrongSecondCode)?;
            let removed = record.hashes.remove(&hash(code));
            Ok(removed.then_some(RecoveryRecord { revision, ..record }))
        })
        .await?
        .ok_or(UserError::WrongSecondCode)?;
    Ok(Used {
        left: count(&record.hashes),
    })
}

fn count(hashes: &BTreeSet<String>) -> u32 {
    u32::try_from(hashes.len()).unwrap_or(u32::MAX)
}

/// Hash of the normalized code: ignores hyphens, spaces and case, and reads `O` as `0`, `I` and `L` as `1`.
fn hash(code: &str) -> String {
    let plain = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        });
    secrets::hashed(&plain.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_are_normalized() {
        let codes = generate().expect("codes");
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), CODES);
        assert!(codes.iter().all(|code| code.len() == CODE_CHARS + 3), "{codes:?}");
        let code = "0a1b-2c3d-4e5f-6g7h";
        for typed in ["0A1B 2C3D 4E5F 6G7H", "oaib2c3d4e5f6g7h", " 0alb-2c3d-4e5f-6g7h "] {
            assert_eq!(hash(typed), hash(code), "{typed}");
        }
        assert_ne!(hash("0a1b-2c3d-4e5f-6g7j"), hash(code));
    }
}
