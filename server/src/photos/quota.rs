//! The quota usage of a library: counted in the transaction that changes it, and never computed by a scan.

use super::records::PhotoRecord;
use crate::accounts::records::SiteRecord;
use crate::aws::table::{Key, Table, TransactWrite, keys};
use crate::error::AppError;
use model::accounts::{DEFAULT_MOST_PHOTOS, DEFAULT_QUOTA_BYTES, Usage};
use model::ids::AccountId;
use serde::{Deserialize, Serialize};

/// The usage of a library.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageRecord {
    /// Bytes of its originals, including grants.
    pub bytes: i64,
    /// Their number.
    pub photos: i64,
}

impl UsageRecord {
    /// Its key. Not under the account, as it needs no sidecar: a rebuild counts it from the photos.
    pub fn key(library: &AccountId) -> Key {
        keys::usage(library)
    }
}

/// The limits of each library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of its originals.
    pub bytes: u64,
    /// Their number.
    pub photos: u32,
}

/// The write that adds (1) or removes (-1) a photo. With limits, its condition fails if the library would exceed one of them.
pub(crate) fn count_write(
    table: &Table,
    photo: &PhotoRecord,
    by: i64,
    limits: Option<Limits>,
) -> Result<TransactWrite, AppError> {
    let bytes = i64::try_from(photo.bytes).unwrap_or(i64::MAX);
    let max_before = limits.map(|limits| {
        let most = i64::try_from(limits.bytes).unwrap_or(i64::MAX);
        (most.saturating_sub(bytes), i64::from(limits.photos) - 1)
    });
    let (most_bytes, most_photos) = max_before.unzip();
    table.transact_add(
        &UsageRecord::key(&photo.library),
        &[("bytes", by * bytes, most_bytes), ("photos", by, most_photos)],
    )
}

/// The usage of a library, and its limits.
pub async fn usage(table: &Table, library: &AccountId) -> Result<Usage, AppError> {
    let key = UsageRecord::key(library);
    let (used, limits) = tokio::try_join!(table.get::<UsageRecord>(&key), limits(table))?;
    let used = used.unwrap_or_default();
    let whole = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Usage {
        bytes: whole(used.bytes),
        photos: whole(used.photos),
        quota: limits.bytes,
        most_photos: limits.photos,
    })
}

/// The limits of each library, set by the owner or by default.
pub async fn limits(table: &Table) -> Result<Limits, AppError> {
    let site: Option<SiteRecord> = table.get(&SiteRecord::key()).await?;
    let (quota, most_photos) = site.map_or((None, None), |site| (site.quota, site.most_photos));
    Ok(Limits {
        bytes: quota.unwrap_or(DEFAULT_QUOTA_BYTES),
        photos: most_photos.unwrap_or(DEFAULT_MOST_PHOTOS),
    })
}
