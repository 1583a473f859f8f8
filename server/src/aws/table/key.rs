//! Keys, and rows as attributes.

use crate::error::{AppError, Context};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A row's primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    /// The key `pk`, `sk`.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }
}

pub type Attributes = HashMap<String, AttributeValue>;

pub fn key_attributes(key: &Key) -> Attributes {
    HashMap::from([
        ("pk".into(), AttributeValue::S(key.pk.clone())),
        ("sk".into(), AttributeValue::S(key.sk.clone())),
    ])
}

pub fn attributes<T: Serialize>(key: &Key, item: &T) -> Result<Attributes, AppError> {
    let mut attributes: Attributes = serde_dynamo::to_item(item).context("serialize a row")?;
    attributes.extend(key_attributes(key));
    Ok(attributes)
}

pub fn deserialize<T: DeserializeOwned>(attributes: Attributes) -> Result<T, AppError> {
    serde_dynamo::from_item(attributes).context("read a row's shape")
}
