//! Transactions: several writes, all or none.

use super::{Key, Row, Table, WriteOutcome, key_attributes, retry_conflicts};
use crate::aws::sdk_error;
use crate::error::AppError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, TransactWriteItem, Update};
use serde::Serialize;

/// A write of a transaction.
#[derive(Clone)]
pub struct TransactWrite(TransactWriteItem);

impl Table {
    /// A put, for [`Table::transact_write`].
    pub fn transact_put<T: Serialize>(&self, row: Row<'_, T>) -> Result<TransactWrite, AppError> {
        Ok(TransactWrite(TransactWriteItem::builder().put(self.prepare(row)?).build()))
    }

    /// An update that adds to counters of a row, which start at 0. Each is given by its name, the increment, and optionally the largest
    /// value that it may have before.
    pub fn transact_add(&self, key: &Key, numbers: &[(&str, i64, Option<i64>)]) -> Result<TransactWrite, AppError> {
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
        Ok(TransactWrite(TransactWriteItem::builder().update(update).build()))
    }

    /// A condition check: the transaction fails unless the row exists.
    pub fn condition_check(&self, key: &Key) -> Result<TransactWrite, AppError> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .condition_expression("attribute_exists(pk)");
        let check = check.build().map_err(sdk_error("prepare a condition"))?;
        Ok(TransactWrite(TransactWriteItem::builder().condition_check(check).build()))
    }

    /// A delete; a missing row is no error.
    pub fn transact_delete(&self, key: &Key) -> Result<TransactWrite, AppError> {
        let delete = Delete::builder().table_name(&self.name).set_key(Some(key_attributes(key)));
        let delete = delete.build().map_err(sdk_error("prepare a delete"))?;
        Ok(TransactWrite(TransactWriteItem::builder().delete(delete).build()))
    }

    /// Deletes rows in one transaction, whether they exist or not. Retries on conflicts.
    ///
    /// # Errors
    /// As [`Table::transact_write_with_retries`].
    pub async fn transact_delete_all(&self, keys: &[Key]) -> Result<(), AppError> {
        let deletes = keys
            .iter()
            .map(|key| self.transact_delete(key))
            .collect::<Result<Vec<_>, _>>()?;
        // Without conditions, all are deleted.
        self.transact_write_with_retries(deletes).await.map(drop)
    }

    /// Commits a transaction. Retries on conflicts, so the outcome is never [`WriteOutcome::Conflict`].
    ///
    /// # Errors
    /// When others still conflict after some seconds, or the table cannot be written.
    pub async fn transact_write_with_retries(&self, rows: Vec<TransactWrite>) -> Result<WriteOutcome, AppError> {
        retry_conflicts(|| self.transact_write(rows.clone())).await
    }

    /// Commits a transaction, by one attempt.
    pub async fn transact_write(&self, rows: Vec<TransactWrite>) -> Result<WriteOutcome, AppError> {
        let items = rows.into_iter().map(|row| row.0).collect();
        let write = self.client.transact_write_items().set_transact_items(Some(items));
        let Err(error) = write.send().await else {
            return Ok(WriteOutcome::Written);
        };
        let outcome = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => outcome_of(canceled),
            _ => None,
        };
        outcome.ok_or_else(|| sdk_error("write a transaction")(error))
    }
}

/// What a canceled transaction says about its rows: a condition failed, or another write was at one of them. Anything else that
/// cancels, such as throttling, says nothing about the rows.
fn outcome_of(canceled: &TransactionCanceledException) -> Option<WriteOutcome> {
    let mut outcome = None;
    for code in canceled.cancellation_reasons().iter().filter_map(|reason| reason.code()) {
        match code {
            "None" => {}
            "ConditionalCheckFailed" => outcome = Some(WriteOutcome::ConditionFailed),
            "TransactionConflict" => outcome = outcome.or(Some(WriteOutcome::Conflict)),
            _ => return None,
        }
    }
    outcome
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
        for (codes, outcome) in [
            (["None", "ConditionalCheckFailed"], WriteOutcome::ConditionFailed),
            (
                ["ConditionalCheckFailed", "TransactionConflict"],
                WriteOutcome::ConditionFailed,
            ),
            (
                ["TransactionConflict", "ConditionalCheckFailed"],
                WriteOutcome::ConditionFailed,
            ),
            (["TransactionConflict", "None"], WriteOutcome::Conflict),
        ] {
            assert_eq!(outcome_of(&canceled(&codes)), Some(outcome), "{codes:?}");
        }
        for codes in [
            ["None", "ThrottlingError"],
            ["ConditionalCheckFailed", "ThrottlingError"],
            ["None", "None"],
        ] {
            assert_eq!(outcome_of(&canceled(&codes)), None, "{codes:?}");
        }
    }
}
