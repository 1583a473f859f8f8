//! Several rows by one request.

use super::{Attributes, Key, Table, place, shape};
use crate::aws::broken;
use crate::failure::Failure;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Rows by their places.
type Rows = HashMap<Key, Attributes>;

fn key_of(row: &Attributes) -> Result<Key, Failure> {
    let part = |name: &str| Some((name.to_owned(), row.get(name)?.clone()));
    shape(["pk", "sk"].into_iter().filter_map(part).collect())
}

/// Rows that are read together, once, when one of them is asked for.
pub(super) struct Batch {
    keys: Vec<Key>,
    // A failure, too, is for all who ask: each would wait for another otherwise.
    rows: OnceCell<Result<Rows, Failure>>,
}

impl Batch {
    pub(super) fn has(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    pub(super) async fn row(&self, table: &Table, key: &Key) -> Result<Option<Attributes>, Failure> {
        match self.rows.get_or_init(|| table.rows(&self.keys)).await {
            Ok(rows) => Ok(rows.get(key).cloned()),
            Err(failure) => Err(Failure::broken("read rows together", failure)),
        }
    }
}

impl Table {
    /// The same table for one request that is going to show these rows, at most 100, each named once: whoever asks for the first of
    /// them has all of them read, and nobody reads them again. What is written meanwhile is not seen.
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

    /// The rows at these places, at most 100, in no order; those that are not there are left out.
    pub async fn get_many<T: DeserializeOwned>(&self, keys: &[Key]) -> Result<Vec<T>, Failure> {
        self.rows(keys).await?.into_values().map(shape).collect()
    }

    /// What is there, as it is after every write that was answered.
    async fn rows(&self, keys: &[Key]) -> Result<Rows, Failure> {
        let mut found = Rows::new();
        let mut left: Vec<Attributes> = keys.iter().map(place).collect();
        while !left.is_empty() {
            let asked = KeysAndAttributes::builder()
                .set_keys(Some(left))
                .consistent_read(true)
                .build();
            let asked = asked.map_err(broken("prepare to read rows"))?;
            let get = self.client.batch_get_item().request_items(&self.name, asked);
            let answer = get.set_return_consumed_capacity(self.measure()).send().await;
            let answer = answer.map_err(broken("read rows"))?;
            let rows = answer.responses.and_then(|mut tables| tables.remove(&self.name));
            let rows = rows.unwrap_or_default();
            if let Some(meter) = &self.meter {
                let capacity = answer.consumed_capacity.as_ref().and_then(|tables| tables.first());
                meter.add(capacity, i64::try_from(rows.len()).unwrap_or(i64::MAX));
            }
            for row in rows {
                found.insert(key_of(&row)?, row);
            }
            let unprocessed = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.name));
            left = unprocessed.map(|asked| asked.keys).unwrap_or_default();
        }
        Ok(found)
    }
}
