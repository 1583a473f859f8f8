//! The owners of the site. There must always be one.

use super::records::{AccountRecord, SiteRecord};
use crate::aws::table::{Condition, Row, Table, TransactWrite, keys};
use crate::error::AppError;
use model::accounts::Group;
use model::ids::AccountId;
use model::user_error::UserError;

/// Page size, and the most accounts that the page of people shows.
const PAGE: i32 = 200;

/// The accounts of the site.
pub(super) async fn accounts(table: &Table) -> Result<Vec<AccountRecord>, AppError> {
    let page = table.with_prefix(keys::SITE, keys::PERSON_PREFIX, PAGE).await?;
    Ok(page.items)
}

/// Whether an account owns the site. One that is being deleted does not.
pub(super) fn is_owner(account: &AccountRecord) -> bool {
    account.leaving_at.is_none() && account.groups.contains(&Group::Owner)
}

/// Checks that the site has another owner than this account.
///
/// # Errors
/// [`UserError::LastOwner`].
pub async fn another_stays(table: &Table, id: &AccountId) -> Result<(), AppError> {
    let accounts = accounts(table).await?;
    let another = accounts.iter().any(|account| account.id != *id && is_owner(account));
    another.then_some(()).ok_or_else(|| UserError::LastOwner.into())
}

/// The write to add to a transaction that removes an owner: of two concurrent removals, one fails.
///
/// # Errors
/// [`UserError::LastOwner`].
pub(super) async fn remove_owner(table: &Table, id: &AccountId) -> Result<TransactWrite, AppError> {
    // Read before the accounts: a removal in between increments the revision.
    let mut site: SiteRecord = table.get(&SiteRecord::key()).await?.ok_or(UserError::OwnerOnly)?;
    another_stays(table, id).await?;
    let revision = site.revision;
    site.revision += 1;
    table.transact_put(Row {
        key: SiteRecord::key(),
        item: &site,
        condition: Condition::Revision(revision),
    })
}
