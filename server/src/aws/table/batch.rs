//! Batch reads.

use super::{ATTEMPTS, Attributes, Key, Table, deserialize, key_attributes, unprocessed};
use crate::aws::sdk_error;
use crate::backoff::Attempts;
use crate::error::AppError;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Rows by key.
type Rows = HashMap<Key, Attributes>;

fn key_of(row: &Attributes) -> Result<Key, AppError> {
    let part = |name: &str| Some((name.to_owned(), row.get(name)?.clone()));
    deserialize(["pk", "sk"].into_iter().filter_map(part).collect())
}

/// Rows that are read by one request, when the first of them is needed.
pub(super) struct Batch {
    keys: Vec<Key>,
    // An error is cached, too: otherwise each waiting caller would repeat the request.
    rows: OnceCell<Result<Rows, AppError>>,
}

impl Batch {
    pub(super) fn has(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    pub(super) async fn row(&self, table: &Table, key: &Key) -> Result<Option<Attributes>, AppError> {
        match self.rows.get_or_init(|| table.rows(&self.keys)).await {
            Ok(rows) => Ok(rows.get(key).cloned()),
            Err(failure) => Err(AppError::internal("read a batch of rows", failure)),
        }
    }
}

impl Table {
    /// The same table, for the duration of a request that needs these rows, at most 100, without duplicates. The first [`Table::get`] of
    /// one of them reads all, and later ones return the same. Writes in between are not seen.
    pub fn batched(&self, keys: Vec<Key>) -> Self {
        let batch = Batch {
            keys,
            rows: OnceCell::new(),
        };
        Self {
            batch: Some(Arc::new(batch)),
            ..self.clone()
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
}
