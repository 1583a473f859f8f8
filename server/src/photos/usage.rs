//! The room that a library takes: counted in the same write as what takes it, and never looked for.

use super::records::PhotoRecord;
use crate::accounts::records::SiteRecord;
use crate::aws::table::{Key, Table, Together};
use crate::failure::Failure;
use model::accounts::{DEFAULT_QUOTA_BYTES, Usage};
use model::ids::AccountId;
use serde::{Deserialize, Serialize};

/// What a library takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageRecord {
    /// Bytes of its originals, with those that are granted.
    pub bytes: i64,
    /// Their number.
    pub photos: i64,
}

impl UsageRecord {
    /// Its place. Not under the account: it gets no sidecar, for it is counted again from the photos.
    pub fn key(library: &AccountId) -> Key {
        Key::new(format!("USAGE#{library}"), "USAGE")
    }
}

/// The write that counts a photo in (1) or out (-1). With `most` it is refused where more bytes than that would be taken.
pub(super) fn counted(table: &Table, photo: &PhotoRecord, by: i64, most: Option<u64>) -> Result<Together, Failure> {
    let bytes = i64::try_from(photo.bytes).unwrap_or(i64::MAX);
    let left = most.map(|most| i64::try_from(most).unwrap_or(i64::MAX).saturating_sub(bytes));
    table.add(
        &UsageRecord::key(&photo.library),
        &[("bytes", by * bytes), ("photos", by)],
        left,
    )
}

/// What a library takes, and may.
pub async fn usage(table: &Table, library: &AccountId) -> Result<Usage, Failure> {
    let key = UsageRecord::key(library);
    let (used, quota) = tokio::try_join!(table.get::<UsageRecord>(&key), quota(table))?;
    let used = used.unwrap_or_default();
    let whole = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Usage {
        bytes: whole(used.bytes),
        photos: whole(used.photos),
        quota,
    })
}

/// How many bytes each library may take.
pub async fn quota(table: &Table) -> Result<u64, Failure> {
    let site: Option<SiteRecord> = table.get(&SiteRecord::key()).await?;
    Ok(site.and_then(|site| site.quota).unwrap_or(DEFAULT_QUOTA_BYTES))
}
