//! Read-modify-write of an account's row, with optimistic locking and retries.

use super::owners;
use super::records::AccountRecord;
use crate::aws::table::{Condition, Row, Table, TransactWrite};
use crate::backoff::Attempts;
use crate::error::AppError;
use model::ids::AccountId;

/// Attempts when others write the same account.
const MAX_ATTEMPTS: u32 = 10;

/// Applies a change to both rows of an account; returns the changed account, or `None` if there is none. `apply` returns further writes
/// for the same transaction, and is called again when another writer was first.
///
/// # Errors
/// Those of `apply`; [`model::user_error::UserError::LastOwner`] if nobody would own the site.
pub async fn change(
    table: &Table,
    id: &AccountId,
    mut apply: impl FnMut(&mut AccountRecord) -> Result<Vec<TransactWrite>, AppError>,
) -> Result<Option<AccountRecord>, AppError> {
    let mut attempts = Attempts::up_to(MAX_ATTEMPTS);
    while attempts.another().await? {
        let Some(before) = table.get::<AccountRecord>(&AccountRecord::key(id)).await? else {
            return Ok(None);
        };
        let mut account = before.clone();
        let mut rows = apply(&mut account)?;
        account.version = AccountRecord::VERSION;
        account.revision = before.revision + 1;
        if owners::is_owner(&before) && !owners::is_owner(&account) {
            rows.push(owners::remove_owner(table, id).await?);
        }
        rows.extend(writes(table, &account, Condition::Revision(before.revision))?);
        if table.transact_write(rows).await?.is_written() {
            return Ok(Some(account));
        }
    }
    Err(AppError::internal(
        "change an account",
        format!("{id} was changed by others {MAX_ATTEMPTS} times"),
    ))
}

/// The writes of both rows of an account.
pub(super) fn writes(table: &Table, account: &AccountRecord, condition: Condition<'_>) -> Result<[TransactWrite; 2], AppError> {
    let own = table.transact_put(Row {
        key: AccountRecord::key(&account.id),
        item: account,
        condition,
    })?;
    let person = table.transact_put(Row {
        key: AccountRecord::person_key(&account.id),
        item: account,
        condition: Condition::Anything,
    })?;
    Ok([own, person])
}
