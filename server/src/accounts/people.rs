//! The people of the site, for those who look after it.

use super::invitation;
use super::records::{AccountRecord, SiteRecord};
use super::sign_in::written;
use super::viewer::Viewer;
use crate::aws::table::{Given, Table};
use crate::failure::Failure;
use model::accounts::{DEFAULT_QUOTA_BYTES, Group, People, Person};
use model::ids::AccountId;
use model::refusals::Refusal;

/// Accounts that are read at once; the page shows no more.
const PAGE: i32 = 200;

/// Who is here, and who may come.
///
/// # Errors
/// [`Refusal::OperatorsOnly`].
pub async fn people(table: &Table, viewer: &Viewer) -> Result<People, Failure> {
    viewer.operator()?;
    let site: Option<SiteRecord> = table.get(&SiteRecord::key()).await?;
    let accounts = accounts(table).await?.into_iter().map(|account| Person {
        owner: account.groups.contains(&Group::Owner),
        operator: account.groups.contains(&Group::Operator),
        id: account.id,
        email: account.email,
    });
    Ok(People {
        accounts: accounts.collect(),
        invitations: invitation::open(table).await?,
        open: site.as_ref().is_some_and(|site| site.open),
        quota: site.and_then(|site| site.quota).unwrap_or(DEFAULT_QUOTA_BYTES),
    })
}

async fn accounts(table: &Table) -> Result<Vec<AccountRecord>, Failure> {
    let page = table.between("SITE", "PERSON#", "PERSON#~", PAGE).await?;
    Ok(page.items)
}

/// Puts an account into a group, or takes it out.
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
    if group == Group::Owner && !within && !another_owner(table, id).await? {
        return Err(Refusal::LastOwner.into());
    }
    let there = Given::Number("version", before.version.into());
    match table.put_together(written(table, &changed, there)?.into()).await? {
        true => Ok(()),
        false => Err(Refusal::NotFound.into()),
    }
}

async fn another_owner(table: &Table, than: &AccountId) -> Result<bool, Failure> {
    let accounts = accounts(table).await?;
    Ok(accounts
        .iter()
        .any(|account| account.id != *than && account.groups.contains(&Group::Owner)))
}
