//! The outbox: a notice is a row, written together with what it tells of; the table's stream has it sent.

use super::records::NoticeRecord;
use crate::aws::table::{Given, Row, Table, Together};
use crate::failure::Failure;
use crate::now;
use model::notices::Notice;

pub use model::notices::To;

/// How long a notice can wait to be sent.
const NOTICE_SECONDS: i64 = 7 * 86_400;

/// Asks for a notice together with other writes.
pub fn asked(table: &Table, to: &To, notice: Notice) -> Result<Together, Failure> {
    let id = uuid::Uuid::now_v7().to_string();
    let record = NoticeRecord {
        version: NoticeRecord::VERSION,
        to: to.clone(),
        notice,
        ttl: now().plus_seconds(NOTICE_SECONDS).seconds(),
        id,
    };
    table.together(Row {
        key: NoticeRecord::key(&record.id),
        item: &record,
        given: Given::Absent,
    })
}

/// Asks for a notice.
pub async fn ask(table: &Table, to: &To, notice: Notice) -> Result<(), Failure> {
    table.put_together(vec![asked(table, to, notice)?]).await.map(drop)
}
