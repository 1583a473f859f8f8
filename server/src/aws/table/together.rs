//! Writes of several rows that are done together, all or none.

use super::{Key, Row, Table, place};
use crate::aws::broken;
use crate::failure::Failure;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, TransactWriteItem, Update};
use serde::Serialize;
use std::time::Duration;

/// How often deleting rows together is tried.
const ATTEMPTS: u32 = 8;

/// The pause after the first conflict; it doubles with each.
const FIRST_BACKOFF: Duration = Duration::from_millis(10);

/// One of several writes that are done together.
#[derive(Clone)]
pub struct Together(TransactWriteItem);

impl Table {
    /// A write to be done together with others by [`Table::put_together`].
    pub fn together<T: Serialize>(&self, row: Row<'_, T>) -> Result<Together, Failure> {
        Ok(Together(TransactWriteItem::builder().put(self.prepare(row)?).build()))
    }

    /// Adds to numbers of a row, which begin at 0, together with other writes. Each is given by its name, what is added, and the
    /// most that it may be before, if there is such a limit.
    pub fn add(&self, key: &Key, numbers: &[(&str, i64, Option<i64>)]) -> Result<Together, Failure> {
        let terms = (0..numbers.len()).map(|at| format!("#n{at} :n{at}"));
        let mut update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(place(key)))
            .update_expression(format!("ADD {}", terms.collect::<Vec<_>>().join(", ")));
        let mut conditions = Vec::new();
        for (at, (name, number, most)) in numbers.iter().enumerate() {
            update = update
                .expression_attribute_names(format!("#n{at}"), *name)
                .expression_attribute_values(format!(":n{at}"), AttributeValue::N(number.to_string()));
            let Some(most) = most else { continue };
            // A row that is not there counts as 0.
            conditions.push(if *most < 0 {
                format!("#n{at} <= :most{at}")
            } else {
                format!("(attribute_not_exists(#n{at}) OR #n{at} <= :most{at})")
            });
            update = update.expression_attribute_values(format!(":most{at}"), AttributeValue::N(most.to_string()));
        }
        if !conditions.is_empty() {
            update = update.condition_expression(conditions.join(" AND "));
        }
        let update = update.build().map_err(broken("prepare to add"))?;
        Ok(Together(TransactWriteItem::builder().update(update).build()))
    }

    /// That a row is there, to be so when others are written together.
    pub fn there(&self, key: &Key) -> Result<Together, Failure> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(place(key)))
            .condition_expression("attribute_exists(pk)");
        let check = check.build().map_err(broken("prepare a condition"))?;
        Ok(Together(TransactWriteItem::builder().condition_check(check).build()))
    }

    /// A row to be taken away together with other writes; it need not be there.
    pub fn away(&self, key: &Key) -> Result<Together, Failure> {
        let delete = Delete::builder().table_name(&self.name).set_key(Some(place(key)));
        let delete = delete.build().map_err(broken("prepare to take a row away"))?;
        Ok(Together(TransactWriteItem::builder().delete(delete).build()))
    }

    /// Deletes rows in one transaction, whether they exist or not. A transaction that conflicts with another is tried again.
    ///
    /// # Errors
    /// When the transactions of others still conflict after [`ATTEMPTS`] tries, or the table cannot be written.
    pub async fn delete_together(&self, keys: &[Key]) -> Result<(), Failure> {
        let deletes = keys.iter().map(|key| self.away(key)).collect::<Result<Vec<_>, _>>()?;
        for attempt in 0..ATTEMPTS {
            if self.put_together(deletes.clone()).await? {
                return Ok(());
            }
            tokio::time::sleep(FIRST_BACKOFF * 2_u32.pow(attempt)).await;
        }
        Err(Failure::broken(
            "delete rows together",
            format!("other transactions conflicted {ATTEMPTS} times"),
        ))
    }

    /// Writes all rows or none. `false` when one of them may not be written, or is being written by another.
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
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) if others_were_first(canceled) => Ok(false),
                _ => Err(broken("write rows together")(error)),
            },
        }
    }
}

/// Whether a condition failed, or another transaction was at one of the rows. Anything else that cancels, such as
/// throttling, says nothing about the rows.
fn others_were_first(canceled: &TransactionCanceledException) -> bool {
    let codes = || canceled.cancellation_reasons().iter().filter_map(|reason| reason.code());
    codes().any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
        && codes().all(|code| matches!(code, "None" | "ConditionalCheckFailed" | "TransactionConflict"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::CancellationReason;

    #[test]
    fn throttling_is_not_taken_for_a_condition_that_failed() {
        let canceled = |codes: &[&str]| {
            let reasons = codes.iter().map(|code| CancellationReason::builder().code(*code).build());
            let reasons = Some(reasons.collect());
            TransactionCanceledException::builder()
                .set_cancellation_reasons(reasons)
                .build()
        };
        for codes in [["None", "ConditionalCheckFailed"], ["TransactionConflict", "None"]] {
            assert!(others_were_first(&canceled(&codes)), "{codes:?}");
        }
        for codes in [
            ["None", "ThrottlingError"],
            ["ConditionalCheckFailed", "ThrottlingError"],
            ["None", "None"],
        ] {
            assert!(!others_were_first(&canceled(&codes)), "{codes:?}");
        }
    }
}
