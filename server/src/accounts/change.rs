//! Reading an account's row and writing it back only if nobody else did.

use super::owners;
use super::records::AccountRecord;
use crate::aws::table::{Given, Row, Table, Together};
use crate::failure::Failure;
use model::ids::AccountId;

/// How often a write is tried when others write the same account.
const TRIES: u32 = 10;

/// Applies a change to an account, in both of its places, and answers the account as it is then; `None` when there is no such account.
/// The change answers the writes that are done together with it, and is tried again on what another writer left.
///
/// # Errors
/// What the change says; [`model::refusals::Refusal::LastOwner`] where nobody would own the site.
pub async fn change(
    table: &Table,
    id: &AccountId,
    mut apply: impl FnMut(&mut AccountRecord) -> Result<Vec<Together>, Failure>,
) -> Result<Option<AccountRecord>, Failure> {
    for _ in 0..TRIES {
        let Some(before) = table.get::<AccountRecord>(&AccountRecord::key(id)).await? else {
            return Ok(None);
        };
        let mut account = before.clone();
        let mut rows = apply(&mut account)?;
        account.version = AccountRecord::VERSION;
        account.revision = before.revision + 1;
        if owners::is_owner(&before) && !owners::is_owner(&account) {
            rows.push(owners::owner_goes(table, id).await?);
        }
        rows.extend(written(table, &account, Given::Revision(before.revision))?);
        if table.put_together(rows).await? {
            return Ok(Some(account));
        }
    }
    Err(Failure::broken(
        "change an account",
        format!("{id} was changed by others {TRIES} times"),
    ))
}

/// The writes of an account in both of its places.
pub(super) fn written(table: &Table, account: &AccountRecord, given: Given<'_>) -> Result<[Together; 2], Failure> {
    let own = table.together(Row {
        key: AccountRecord::key(&account.id),
        item: account,
        given,
    })?;
    let among_people = table.together(Row {
        key: AccountRecord::person_key(&account.id),
        item: account,
        given: Given::Anything,
    })?;
    Ok([own, among_people])
}
