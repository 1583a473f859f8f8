//! The DynamoDB table: rows as serde types, by `pk` and `sk`.

mod batch;
mod change;
mod key;
pub mod keys;
mod query;
mod transaction;

use super::meter::Meter;
use super::sdk_error;
use crate::backoff::Attempts;
use crate::error::AppError;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, Put, PutRequest, ReturnConsumedCapacity, ReturnValue, WriteRequest,
};
use batch::{Batch, Rows, key_of};
pub use key::Key;
use key::{Attributes, attributes, deserialize, key_attributes};
pub use query::{DueRow, Page};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
pub use transaction::TransactWrite;

/// The condition of a write.
pub enum Condition<'a> {
    /// None: an unconditional write.
    Anything,
    /// The row does not exist.
    Absent,
    /// The row exists and has this revision (optimistic locking); one from before its type had revisions has 0.
    Revision(u64),
    /// The row's attribute has this number.
    Number(&'a str, u64),
    /// The row's attribute has this text.
    Text(&'a str, &'a str),
}

/// A row to write, and the condition of the write.
pub struct Row<'a, T> {
    /// Its key.
    pub key: Key,
    /// Its other attributes.
    pub item: &'a T,
    /// The condition.
    pub condition: Condition<'a>,
}

/// What became of a conditional write.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteOutcome {
    /// All was written.
    Written,
    /// Nothing was written: a condition failed.
    ConditionFailed,
    /// Nothing was written: a transaction is at one of the rows. The same write may succeed later.
    Conflict,
}

impl WriteOutcome {
    /// Whether all was written.
    #[must_use]
    pub fn is_written(self) -> bool {
        self == Self::Written
    }
}

/// The table.
#[derive(Clone)]
pub struct Table {
    client: Client,
    name: String,
    meter: Option<Meter>,
    batch: Option<Arc<Batch>>,
}

/// The attribute that counts the writes of a row, for optimistic locking.
const REVISION: &str = "revision";

/// Attempts at a request while others conflict with it, or while the table does only a part of it: some seconds, even when every second
/// attempt fails.
const ATTEMPTS: u32 = 40;

impl Table {
    pub(super) fn new(config: &aws_config::SdkConfig, name: String) -> Self {
        Self {
            client: Client::new(config),
            name,
            meter: None,
            batch: None,
        }
    }

    /// The same table, and a meter of the reads through it.
    pub fn metered(&self) -> (Self, Meter) {
        let meter = Meter::default();
        let table = Self {
            meter: Some(meter.clone()),
            ..self.clone()
        };
        (table, meter)
    }

    /// The same table, for the duration of a request that needs these rows, at most 100, without duplicates. The first [`Table::get`] of
    /// one of them reads all, and later ones return the same. Writes in between are not seen.
    pub fn batched(&self, keys: Vec<Key>) -> Self {
        Self {
            batch: Some(Arc::new(Batch::new(keys))),
            ..self.clone()
        }
    }

    /// The row of a key, by a strongly consistent read; for a row of a [`Table::batched`] table, as of when the batch was read.
    pub async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, AppError> {
        let row = match self.batch.as_deref().filter(|batch| batch.has(key)) {
            Some(batch) => self.get_batched(batch, key).await?,
            None => self.get_item(key).await?,
        };
        row.map(deserialize).transpose()
    }

    /// The row of a key of a batch, which is read when the first of its rows is needed.
    async fn get_batched(&self, batch: &Batch, key: &Key) -> Result<Option<Attributes>, AppError> {
        match batch.rows.get_or_init(|| self.rows(&batch.keys)).await {
            Ok(rows) => Ok(rows.get(key).cloned()),
            Err(failure) => Err(AppError::internal("read a batch of rows", failure)),
        }
    }

    /// The rows of these keys, at most 100, in no order; missing ones are left out.
    pub async fn get_many<T: DeserializeOwned>(&self, keys: &[Key]) -> Result<Vec<T>, AppError> {
        self.rows(keys).await?.into_values().map(deserialize).collect()
    }

    /// Reads rows with strong consistency.
    async fn rows(&self, keys: &[Key]) -> Result<Rows, AppError> {
        let mut found = Rows::new();
        let mut pending: Vec<Attributes> = keys.iter().map(key_attributes).collect();
        let mut attempts = Attempts::up_to(ATTEMPTS);
        while !pending.is_empty() {
            if !attempts.another().await? {
                return Err(unprocessed("read rows", pending.len()));
            }
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(pending))
                .consistent_read(true)
                .build();
            let keys = keys.map_err(sdk_error("prepare to read rows"))?;
            let get = self.client.batch_get_item().request_items(&self.name, keys);
            let response = get.set_return_consumed_capacity(self.measure()).send().await;
            let response = response.map_err(sdk_error("read rows"))?;
            let rows = response.responses.and_then(|mut tables| tables.remove(&self.name));
            let rows = rows.unwrap_or_default();
            if let Some(meter) = &self.meter {
                let capacity = response.consumed_capacity.as_ref().and_then(|tables| tables.first());
                meter.add(capacity, i64::try_from(rows.len()).unwrap_or(i64::MAX));
            }
            for row in rows {
                found.insert(key_of(&row)?, row);
            }
            let rest = response.unprocessed_keys.and_then(|mut tables| tables.remove(&self.name));
            pending = rest.map(|request| request.keys).unwrap_or_default();
        }
        Ok(found)
    }

    async fn get_item(&self, key: &Key) -> Result<Option<Attributes>, AppError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .consistent_read(true);
        let response = get.set_return_consumed_capacity(self.measure()).send().await;
        let response = response.map_err(sdk_error("read a row"))?;
        if let Some(meter) = &self.meter {
            meter.add(response.consumed_capacity.as_ref(), i64::from(response.item.is_some()));
        }
        Ok(response.item)
    }

    /// Writes a row, by one attempt.
    pub async fn put<T: Serialize>(&self, row: Row<'_, T>) -> Result<WriteOutcome, AppError> {
        self.put_item(self.prepare(row)?).await
    }

    /// Writes a row. Retries on conflicts, so the outcome is never [`WriteOutcome::Conflict`].
    ///
    /// # Errors
    /// When transactions of others still conflict after some seconds, or the table cannot be written.
    pub async fn put_with_retries<T: Serialize>(&self, row: Row<'_, T>) -> Result<WriteOutcome, AppError> {
        let put = self.prepare(row)?;
        retry_conflicts(|| self.put_item(put.clone())).await
    }

    async fn put_item(&self, put: Put) -> Result<WriteOutcome, AppError> {
        let response = self
            .client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values)
            .send()
            .await;
        let Err(error) = response else {
            return Ok(WriteOutcome::Written);
        };
        let outcome = match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Some(WriteOutcome::ConditionFailed),
            Some(PutItemError::TransactionConflictException(_)) => Some(WriteOutcome::Conflict),
            _ => None,
        };
        outcome.ok_or_else(|| sdk_error("write a row")(error))
    }

    /// Writes many rows, unconditionally and not in a transaction: for filling a table.
    pub async fn put_many<T: Serialize>(&self, rows: Vec<(Key, T)>) -> Result<(), AppError> {
        // BatchWriteItem takes 25.
        for chunk in rows.chunks(25) {
            let mut pending = chunk.iter().map(put_request).collect::<Result<Vec<_>, _>>()?;
            let mut attempts = Attempts::up_to(ATTEMPTS);
            while !pending.is_empty() {
                if !attempts.another().await? {
                    return Err(unprocessed("write many rows", pending.len()));
                }
                let response = self.client.batch_write_item().request_items(&self.name, pending).send().await;
                let rest = response.map_err(sdk_error("write many rows"))?.unprocessed_items;
                pending = rest.and_then(|mut tables| tables.remove(&self.name)).unwrap_or_default();
            }
        }
        Ok(())
    }

    /// Deletes a row and returns it.
    pub async fn delete_returning<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, AppError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)));
        let response = delete.return_values(ReturnValue::AllOld).send().await;
        response
            .map_err(sdk_error("delete a row"))?
            .attributes
            .map(deserialize)
            .transpose()
    }

    /// Deletes a row unconditionally; a missing one is no error.
    pub async fn delete(&self, key: &Key) -> Result<(), AppError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)));
        delete.send().await.map(drop).map_err(sdk_error("delete a row"))
    }

    /// Atomically adds to a row's counter, which starts at 0, and returns the new value. `ttl` is the row's time to live, in epoch seconds.
    pub async fn count(&self, key: &Key, by: i64, ttl: i64) -> Result<i64, AppError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .update_expression("ADD #count :by SET #ttl = :ttl")
            .expression_attribute_names("#count", "count")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":by", AttributeValue::N(by.to_string()))
            .expression_attribute_values(":ttl", AttributeValue::N(ttl.to_string()));
        let response = update.return_values(ReturnValue::UpdatedNew).send().await;
        let attributes = response.map_err(sdk_error("count"))?.attributes.unwrap_or_default();
        let Counted { count } = deserialize(attributes)?;
        Ok(count)
    }

    fn measure(&self) -> Option<ReturnConsumedCapacity> {
        self.meter.as_ref().map(|_| ReturnConsumedCapacity::Total)
    }

    fn prepare<T: Serialize>(&self, row: Row<'_, T>) -> Result<Put, AppError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(attributes(&row.key, row.item)?));
        let put = match row.condition {
            Condition::Anything => put,
            Condition::Absent => put.condition_expression("attribute_not_exists(pk)"),
            Condition::Revision(revision) => put
                .condition_expression(match revision {
                    0 => "attribute_exists(pk) AND (attribute_not_exists(#given) OR #given = :given)",
                    _ => "#given = :given",
                })
                .expression_attribute_names("#given", REVISION)
                .expression_attribute_values(":given", AttributeValue::N(revision.to_string())),
            Condition::Number(name, number) => put
                .condition_expression("#given = :given")
                .expression_attribute_names("#given", name)
                .expression_attribute_values(":given", AttributeValue::N(number.to_string())),
            Condition::Text(name, text) => put
                .condition_expression("#given = :given")
                .expression_attribute_names("#given", name)
                .expression_attribute_values(":given", AttributeValue::S(text.into())),
        };
        put.build().map_err(sdk_error("prepare a row"))
    }
}

/// Repeats a write while it conflicts with transactions of others.
async fn retry_conflicts<F>(mut write: impl FnMut() -> F) -> Result<WriteOutcome, AppError>
where
    F: Future<Output = Result<WriteOutcome, AppError>>,
{
    let mut attempts = Attempts::up_to(ATTEMPTS);
    while attempts.another().await? {
        match write().await? {
            WriteOutcome::Conflict => {}
            outcome => return Ok(outcome),
        }
    }
    Err(AppError::internal(
        "write rows",
        format!("transactions of others conflicted {ATTEMPTS} times"),
    ))
}

/// The error of a batch that the table did only in part, again and again.
fn unprocessed(what: &'static str, rows: usize) -> AppError {
    AppError::internal(what, format!("{rows} are left after {ATTEMPTS} attempts"))
}

/// A row with a counter.
#[derive(serde::Deserialize)]
struct Counted {
    count: i64,
}

fn put_request<T: Serialize>((key, item): &(Key, T)) -> Result<WriteRequest, AppError> {
    let put = PutRequest::builder().set_item(Some(attributes(key, item)?)).build();
    let put = put.map_err(sdk_error("prepare a row"))?;
    Ok(WriteRequest::builder().put_request(put).build())
}
