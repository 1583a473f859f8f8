//! Read-modify-write of an account's row, with optimistic locking and retries.

use super::owners;
use super::records::AccountRecord;
use crate::aws::table::{Given, Row, Table, Together};
use crate::failure::Failure;
use model::ids::AccountId;

/// Attempts when others write the same account.
const MAX_ATTEMPTS: u32 = 10;

/// Applies a change to both rows of an account; returns the changed account, or `None` if there is none. `apply` returns further writes
/// for the same transaction, and is called again after a conflict with another writer.
///
/// # Errors
/// Those of `apply`; [`model::refusals::Refusal::LastOwner`] if nobody would own the site.
pub async fn change(
    table: &Table,
    id: &AccountId,
    mut apply: impl FnMut(&mut AccountRecord) -> Result<Vec<Together>, Failure>,
) -> Result<Option<AccountRecord>, Failure> {
    for _ in 0..MAX_ATTEMPTS {
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
        rows.extend(writes(table, &account, Given::Revision(before.revision))?);
        if table.put_together(rows).await? {
            return Ok(Some(account));
        }
    }
    Err(Failure::broken(
        "change an account",
        format!("{id} was changed by others {MAX_ATTEMPTS} times"),
    ))
}

/// The writes of both rows of an account.
pub(super) fn writes(table: &Table, account: &AccountRecord, given: Given<'_>) -> Result<[Together; 2], Failure> {
    let own = table.together(Row {
        key: AccountRecord::key(&account.id),
        item: account,
        given,
    })?;
    let person = table.together(Row {
        key: AccountRecord::person_key(&account.id),
        item: account,
        given: Given::Anything,
    })?;
    Ok([own, person])
}
