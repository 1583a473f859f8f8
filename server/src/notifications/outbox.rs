//! The transactional outbox: a notification is a row, written in one transaction with the change that it reports. The table's stream
//! publishes it, and it is sent asynchronously.

use super::records::NotificationRecord;
use crate::aws::table::{Condition, Row, Table, TransactWrite};
use crate::error::AppError;
use crate::now;
use model::notifications::Notification;

pub use model::notifications::To;

/// How long a notification may be pending.
const NOTIFICATION_SECONDS: i64 = 7 * 86_400;

/// The write that requests a notification, to add to a transaction.
pub fn transact_enqueue(table: &Table, to: &To, notification: Notification) -> Result<TransactWrite, AppError> {
    let id = uuid::Uuid::now_v7().to_string();
    let record = NotificationRecord {
        version: NotificationRecord::VERSION,
        to: to.clone(),
        notice: notification,
        ttl: now().plus_seconds(NOTIFICATION_SECONDS).seconds(),
        id,
    };
    table.transact_put(Row {
        key: NotificationRecord::key(&record.id),
        item: &record,
        condition: Condition::Absent,
    })
}

/// Requests a notification.
pub async fn enqueue(table: &Table, to: &To, notification: Notification) -> Result<(), AppError> {
    // The row has a new key, so no condition fails.
    let writes = vec![transact_enqueue(table, to, notification)?];
    table.transact_write_with_retries(writes).await.map(drop)
}
