//! Transactions: several writes, all or none.

use super::{Key, Row, Table, key_attributes};
use crate::aws::sdk_error;
use crate::failure::Failure;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, TransactWriteItem, Update};
use serde::Serialize;
use std::time::Duration;

/// Attempts at a transaction of deletes.
const MAX_ATTEMPTS: u32 = 8;

/// The pause after the first conflict; it doubles with each.
const FIRST_BACKOFF: Duration = Duration::from_millis(10);

/// A write of a transaction.
#[derive(Clone)]
pub struct Together(TransactWriteItem);

impl Table {
    /// A put, for [`Table::put_together`].
    pub fn together<T: Serialize>(&self, row: Row<'_, T>) -> Result<Together, Failure> {
        Ok(Together(TransactWriteItem::builder().put(self.prepare(row)?).build()))
    }

    /// An update that adds to counters of a row, which start at 0. Each is given by its name, the increment, and optionally the largest
    /// value that it may have before.
    pub fn add(&self, key: &Key, numbers: &[(&str, i64, Option<i64>)]) -> Result<Together, Failure> {
        let terms = (0..numbers.len()).map(|at| format!("#n{at} :n{at}"));
        let mut update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .update_expression(format!("ADD {}", terms.collect::<Vec<_>>().join(", ")));
        let mut conditions = Vec::new();
        for (at, (name, number, max)) in numbers.iter().enumerate() {
            update = update
                .expression_attribute_names(format!("#n{at}"), *name)
                .expression_attribute_values(format!(":n{at}"), AttributeValue::N(number.to_string()));
            let Some(max) = max else { continue };
            // A missing row counts as 0.
            conditions.push(if *max < 0 {
                format!("#n{at} <= :max{at}")
            } else {
                format!("(attribute_not_exists(#n{at}) OR #n{at} <= :max{at})")
            });
            update = update.expression_attribute_values(format!(":max{at}"), AttributeValue::N(max.to_string()));
        }
        if !conditions.is_empty() {
            update = update.condition_expression(conditions.join(" AND "));
        }
        let update = update.build().map_err(sdk_error("prepare an update"))?;
        Ok(Together(TransactWriteItem::builder().update(update).build()))
    }

    /// A condition check: the transaction fails unless the row exists.
    pub fn there(&self, key: &Key) -> Result<Together, Failure> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .condition_expression("attribute_exists(pk)");
        let check = check.build().map_err(sdk_error("prepare a condition"))?;
        Ok(Together(TransactWriteItem::builder().condition_check(check).build()))
    }

    /// A delete; a missing row is no error.
    pub fn away(&self, key: &Key) -> Result<Together, Failure> {
        let delete = Delete::builder().table_name(&self.name).set_key(Some(key_attributes(key)));
        let delete = delete.build().map_err(sdk_error("prepare a delete"))?;
        Ok(Together(TransactWriteItem::builder().delete(delete).build()))
    }

    /// Deletes rows in one transaction, whether they exist or not. Retries with exponential backoff on conflicts.
    ///
    /// # Errors
    /// When other transactions still conflict after [`MAX_ATTEMPTS`], or the table cannot be written.
    pub async fn delete_together(&self, keys: &[Key]) -> Result<(), Failure> {
        let deletes = keys.iter().map(|key| self.away(key)).collect::<Result<Vec<_>, _>>()?;
        for attempt in 0..MAX_ATTEMPTS {
            if self.put_together(deletes.clone()).await? {
                return Ok(());
            }
            tokio::time::sleep(FIRST_BACKOFF * 2_u32.pow(attempt)).await;
        }
        Err(Failure::broken(
            "delete rows in a transaction",
            format!("other transactions conflicted {MAX_ATTEMPTS} times"),
        ))
    }

    /// Commits a transaction. `false` if a condition failed, or on a conflict with another write.
    pub async fn put_together(&self, rows: Vec<Together>) -> Result<bool, Failure> {
        let items = rows.into_iter().map(|row| row.0).collect();
        match self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
            .await
        {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) if is_condition_or_conflict(canceled) => {
                    Ok(false)
                }
                _ => Err(sdk_error("write a transaction")(error)),
            },
        }
    }
}

/// Whether a transaction was canceled only by failed conditions or conflicts. Other reasons, such as throttling, say nothing about the
/// rows.
fn is_condition_or_conflict(canceled: &TransactionCanceledException) -> bool {
    let codes = || canceled.cancellation_reasons().iter().filter_map(|reason| reason.code());
    codes().any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
        && codes().all(|code| matches!(code, "None" | "ConditionalCheckFailed" | "TransactionConflict"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::CancellationReason;

    #[test]
    fn throttling_is_not_a_failed_condition() {
        let canceled = |codes: &[&str]| {
            let reasons = codes.iter().map(|code| CancellationReason::builder().code(*code).build());
            let reasons = Some(reasons.collect());
            TransactionCanceledException::builder()
                .set_cancellation_reasons(reasons)
                .build()
        };
        for codes in [["None", "ConditionalCheckFailed"], ["TransactionConflict", "None"]] {
            assert!(is_condition_or_conflict(&canceled(&codes)), "{codes:?}");
        }
        for codes in [
            ["None", "ThrottlingError"],
            ["ConditionalCheckFailed", "ThrottlingError"],
            ["None", "None"],
        ] {
            assert!(!is_condition_or_conflict(&canceled(&codes)), "{codes:?}");
        }
    }
}
