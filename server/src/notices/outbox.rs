//! The transactional outbox: a notice is a row, written in one transaction with the change that it reports. The table's stream publishes
//! it, and it is sent asynchronously.

use super::records::NoticeRecord;
use crate::aws::table::{Condition, Row, Table, TransactWrite};
use crate::error::AppError;
use crate::now;
use model::notices::Notice;

pub use model::notices::To;

/// How long a notice may be pending.
const NOTICE_SECONDS: i64 = 7 * 86_400;

/// The write that requests a notice, to add to a transaction.
pub fn transact_enqueue(table: &Table, to: &To, notice: Notice) -> Result<TransactWrite, AppError> {
    let id = uuid::Uuid::now_v7().to_string();
    let record = NoticeRecord {
        version: NoticeRecord::VERSION,
        to: to.clone(),
        notice,
        ttl: now().plus_seconds(NOTICE_SECONDS).seconds(),
        id,
    };
    table.transact_put(Row {
        key: NoticeRecord::key(&record.id),
        item: &record,
        condition: Condition::Absent,
    })
}

/// Requests a notice.
pub async fn enqueue(table: &Table, to: &To, notice: Notice) -> Result<(), AppError> {
    // The row has a new key, so no condition fails.
    let writes = vec![transact_enqueue(table, to, notice)?];
    table.transact_write_with_retries(writes).await.map(drop)
}
