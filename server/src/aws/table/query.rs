//! Queries: rows of one partition of the table or of an index, page by page.

use super::key::deserialize;
use super::{Table, keys};
use crate::aws::sdk_error;
use crate::error::AppError;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;

/// Rows of one partition, in the order of their sort keys.
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Whether there are more.
    pub more: bool,
}

/// An entry of the index `due`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct DueRow {
    /// Partition key.
    pub pk: String,
    /// Sort key of the index: when it is due.
    pub due_sk: String,
}

impl Table {
    /// Rows of a partition with sort keys between two texts, inclusive, in ascending order.
    pub async fn range<T: DeserializeOwned>(&self, pk: &str, low: &str, high: &str, limit: i32) -> Result<Page<T>, AppError> {
        self.read(self.range_query(pk, low, high).limit(limit)).await
    }

    /// Rows of a partition whose sort keys begin with a prefix, in ascending order.
    pub async fn with_prefix<T: DeserializeOwned>(&self, pk: &str, prefix: &str, limit: i32) -> Result<Page<T>, AppError> {
        self.range(pk, prefix, &keys::end_of(prefix), limit).await
    }

    /// As [`Table::with_prefix`], in descending order.
    pub async fn with_prefix_desc<T: DeserializeOwned>(&self, pk: &str, prefix: &str, limit: i32) -> Result<Page<T>, AppError> {
        self.range_desc(pk, prefix, &keys::end_of(prefix), limit).await
    }

    /// As [`Table::range`], in descending order.
    pub async fn range_desc<T: DeserializeOwned>(
        &self,
        pk: &str,
        low: &str,
        high: &str,
        limit: i32,
    ) -> Result<Page<T>, AppError> {
        self.read(self.range_query(pk, low, high).scan_index_forward(false).limit(limit))
            .await
    }

    fn range_query(&self, pk: &str, low: &str, high: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":pk", AttributeValue::S(pk.into()))
            .expression_attribute_values(":low", AttributeValue::S(low.into()))
            .expression_attribute_values(":high", AttributeValue::S(high.into()))
            .consistent_read(true)
    }

    /// Rows of a timeline before a sort key (or from its end), newest first. The index is eventually consistent.
    pub async fn timeline<T: DeserializeOwned>(&self, pk: &str, before: Option<&str>, limit: i32) -> Result<Page<T>, AppError> {
        let query = self
            .client
            .query()
            .index_name("timeline")
            .expression_attribute_values(":pk", AttributeValue::S(pk.into()))
            .scan_index_forward(false)
            .limit(limit);
        let query = match before {
            None => query.key_condition_expression("timeline_pk = :pk"),
            Some(before) => query
                .key_condition_expression("timeline_pk = :pk AND timeline_sk < :before")
                .expression_attribute_values(":before", AttributeValue::S(before.into())),
        };
        self.read(query).await
    }

    /// Rows of a timeline after a sort key, oldest first.
    pub async fn timeline_after<T: DeserializeOwned>(&self, pk: &str, after: &str, limit: i32) -> Result<Page<T>, AppError> {
        let query = self
            .client
            .query()
            .index_name("timeline")
            .key_condition_expression("timeline_pk = :pk AND timeline_sk > :after")
            .expression_attribute_values(":pk", AttributeValue::S(pk.into()))
            .expression_attribute_values(":after", AttributeValue::S(after.into()));
        self.read(query.limit(limit)).await
    }

    /// Keys of rows that are due up to a sort key, the longest due first. The index is eventually consistent.
    pub async fn due(&self, pk: &str, upto: &str, limit: i32) -> Result<Page<DueRow>, AppError> {
        let query = self
            .client
            .query()
            .index_name("due")
            .key_condition_expression("due_pk = :pk AND due_sk <= :upto")
            .expression_attribute_values(":pk", AttributeValue::S(pk.into()))
            .expression_attribute_values(":upto", AttributeValue::S(upto.into()));
        self.read(query.limit(limit)).await
    }

    async fn read<T: DeserializeOwned>(&self, query: QueryFluentBuilder) -> Result<Page<T>, AppError> {
        let query = query.table_name(&self.name).set_return_consumed_capacity(self.measure());
        let response: QueryOutput = query.send().await.map_err(sdk_error("read a partition"))?;
        if let Some(meter) = &self.meter {
            meter.add(response.consumed_capacity.as_ref(), i64::from(response.scanned_count));
        }
        let items = response.items.unwrap_or_default().into_iter().map(deserialize);
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
            more: response.last_evaluated_key.is_some(),
        })
    }
}
