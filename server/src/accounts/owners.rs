//! The owners of the site, of whom one must stay.

use super::records::{AccountRecord, SiteRecord};
use crate::aws::table::{Given, Row, Table, Together};
use crate::failure::Failure;
use model::accounts::Group;
use model::ids::AccountId;
use model::refusals::Refusal;

/// Accounts that are read at once; the page of people shows no more.
const PAGE: i32 = 200;

/// The accounts of the site.
pub(super) async fn accounts(table: &Table) -> Result<Vec<AccountRecord>, Failure> {
    let page = table.between("SITE", "PERSON#", "PERSON#~", PAGE).await?;
    Ok(page.items)
}

/// Whether an account owns the site. One that is being deleted does no more.
pub(super) fn is_owner(account: &AccountRecord) -> bool {
    account.leaving_at.is_none() && account.groups.contains(&Group::Owner)
}

/// That the site has an owner besides an account.
///
/// # Errors
/// [`Refusal::LastOwner`].
pub async fn another_stays(table: &Table, id: &AccountId) -> Result<(), Failure> {
    let accounts = accounts(table).await?;
    let another = accounts.iter().any(|account| account.id != *id && is_owner(account));
    another.then_some(()).ok_or_else(|| Refusal::LastOwner.into())
}

/// The write that goes together with those by which an owner is none any more: of two who go at once, one does.
///
/// # Errors
/// [`Refusal::LastOwner`].
pub(super) async fn owner_goes(table: &Table, id: &AccountId) -> Result<Together, Failure> {
    // Read before the others are: who goes in between has changed it.
    let mut site: SiteRecord = table.get(&SiteRecord::key()).await?.ok_or(Refusal::OwnerOnly)?;
    another_stays(table, id).await?;
    let read = site.revision;
    site.revision += 1;
    table.together(Row {
        key: SiteRecord::key(),
        item: &site,
        given: Given::Revision(read),
    })
}
