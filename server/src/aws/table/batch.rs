//! Rows of a batch read.

use super::key::{Attributes, Key, deserialize};
use crate::error::AppError;
use std::collections::HashMap;
use tokio::sync::OnceCell;

/// Rows by key.
pub type Rows = HashMap<Key, Attributes>;

/// The key of a row.
pub fn key_of(row: &Attributes) -> Result<Key, AppError> {
    let part = |name: &str| Some((name.to_owned(), row.get(name)?.clone()));
    deserialize(["pk", "sk"].into_iter().filter_map(part).collect())
}

/// Rows that are read by one request, when the first of them is needed.
pub struct Batch {
    pub keys: Vec<Key>,
    // An error is cached, too: otherwise each waiting caller would repeat the request.
    pub rows: OnceCell<Result<Rows, AppError>>,
}

impl Batch {
    /// Not read yet.
    pub fn new(keys: Vec<Key>) -> Self {
        Self {
            keys,
            rows: OnceCell::new(),
        }
    }

    pub fn has(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }
}
