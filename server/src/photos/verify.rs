//! Verifies the checksums of originals: a slice of the bucket at each run, from the cursor of the last one.

use super::records::{PhotoRecord, parse_original_key};
use crate::aws::originals::Originals;
use crate::aws::table::Table;
use crate::error::AppError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracing::error;

/// Originals that one run lists.
const BATCH: i32 = 200;

/// Bytes after which a run ends: about a minute of reading.
const SLICE_BYTES: u64 = 1 << 30;

/// The result of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Originals that were read.
    pub originals: u32,
    /// Their bytes.
    pub bytes: u64,
    /// Keys of originals whose checksum differs.
    pub damaged: Vec<String>,
    /// Originals without a record.
    pub without_record: u32,
    /// The cursor for the next run; none to start over.
    pub upto: Option<String>,
}

/// Reads originals after a key and compares their checksums with their records.
pub async fn verify(table: &Table, originals: &Originals, after: Option<&str>) -> Result<Verified, AppError> {
    let page = originals.list_after(after, BATCH).await?;
    let mut verified = Verified::default();
    for key in &page.keys {
        if verified.bytes >= SLICE_BYTES {
            break;
        }
        verify_one(table, originals, key, &mut verified).await?;
        verified.upto = Some(key.clone());
    }
    if !page.more && verified.upto.as_ref() == page.keys.last() {
        verified.upto = None;
    }
    Ok(verified)
}

async fn verify_one(table: &Table, originals: &Originals, key: &str, verified: &mut Verified) -> Result<(), AppError> {
    let photo: Option<PhotoRecord> = match parse_original_key(key) {
        Some((_, id)) => table.get(&PhotoRecord::key(&id)).await?,
        None => None,
    };
    let Some(photo) = photo else {
        verified.without_record += 1;
        return Ok(());
    };
    let bytes = originals.read(key).await?;
    verified.originals += 1;
    verified.bytes += bytes.len() as u64;
    if STANDARD.encode(Sha256::digest(&bytes)) != photo.sha256 {
        error!(key, "the checksum of an original differs; an earlier version of it may match");
        verified.damaged.push(key.into());
    }
    Ok(())
}
