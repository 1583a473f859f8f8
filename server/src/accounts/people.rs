//! The people of the site, for those who look after it.

use super::invitation;
use super::records::{AccountRecord, SiteRecord};
use super::sign_in::written;
use super::viewer::Viewer;
use crate::aws::table::{Given, Row, Table, Together};
use crate::failure::Failure;
use model::accounts::{DEFAULT_QUOTA_BYTES, Group, People, Person};
use model::ids::AccountId;
use model::refusals::Refusal;
use std::collections::BTreeSet;

/// Accounts that are read at once; the page shows no more.
const PAGE: i32 = 200;

/// Who is here, and who may come.
///
/// # Errors
/// [`Refusal::OperatorsOnly`].
pub async fn people(table: &Table, viewer: &Viewer) -> Result<People, Failure> {
    viewer.operator()?;
    let key = SiteRecord::key();
    let (site, accounts, invitations) =
        tokio::try_join!(table.get::<SiteRecord>(&key), accounts(table), invitation::open(table))?;
    let accounts = accounts.into_iter().map(|account| Person {
        owner: account.groups.contains(&Group::Owner),
        operator: account.groups.contains(&Group::Operator),
        id: account.id,
        email: account.email,
    });
    Ok(People {
        accounts: accounts.collect(),
        invitations,
        open: site.as_ref().is_some_and(|site| site.open),
        quota: site.and_then(|site| site.quota).unwrap_or(DEFAULT_QUOTA_BYTES),
    })
}

/// The accounts of the site.
pub(super) async fn accounts(table: &Table) -> Result<Vec<AccountRecord>, Failure> {
    let page = table.between("SITE", "PERSON#", "PERSON#~", PAGE).await?;
    Ok(page.items)
}

/// Puts an account into a group, or takes it out. The invitations of who may give none any more are withdrawn.
///
/// # Errors
/// [`Refusal::OwnerOnly`]; [`Refusal::LastOwner`] where nobody would own the site; [`Refusal::NotFound`].
pub async fn set_group(table: &Table, viewer: &Viewer, id: &AccountId, group: Group, within: bool) -> Result<(), Failure> {
    viewer.owner()?;
    let account: Option<AccountRecord> = table.get(&AccountRecord::key(id)).await?;
    let before = account.ok_or(Refusal::NotFound)?;
    let mut changed = before.clone();
    changed.version = AccountRecord::VERSION;
    let _ = if within {
        changed.groups.insert(group)
    } else {
        changed.groups.remove(&group)
    };
    let there = Given::Number("version", before.version.into());
    let mut rows = Vec::from(written(table, &changed, there)?);
    if group == Group::Owner && !within {
        rows.push(owner_goes(table, id).await?);
    }
    if !table.put_together(rows).await? {
        return Err(Refusal::TooMany.into());
    }
    if changed.groups.is_disjoint(&BTreeSet::from([Group::Owner, Group::Operator])) {
        // Cut off before this, the same change is made again, which ends here.
        invitation::withdraw_all_by(table, id).await?;
    }
    Ok(())
}

/// The write that goes together with those by which an owner is none any more: of two who go at once, one does.
///
/// # Errors
/// [`Refusal::LastOwner`].
pub async fn owner_goes(table: &Table, id: &AccountId) -> Result<Together, Failure> {
    // Read before the others are: who goes in between has changed it.
    let mut site: SiteRecord = table.get(&SiteRecord::key()).await?.ok_or(Refusal::OwnerOnly)?;
    if !another_owner(table, id).await? {
        return Err(Refusal::LastOwner.into());
    }
    let read = site.revision;
    site.revision += 1;
    table.together(Row {
        key: SiteRecord::key(),
        item: &site,
        given: Given::Number("revision", read),
    })
}

async fn another_owner(table: &Table, than: &AccountId) -> Result<bool, Failure> {
    let accounts = accounts(table).await?;
    Ok(accounts
        .iter()
        .any(|account| account.id != *than && account.leaving_at.is_none() && account.groups.contains(&Group::Owner)))
}
