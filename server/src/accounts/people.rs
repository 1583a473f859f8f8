//! The accounts and invitations of the site, for its operators.

use super::change::change;
use super::invitation;
use super::owners;
use super::records::SiteRecord;
use super::viewer::Viewer;
use crate::aws::table::Table;
use crate::error::AppError;
use model::accounts::{DEFAULT_MOST_PHOTOS, DEFAULT_QUOTA_BYTES, Group, People, Person};
use model::ids::AccountId;
use model::user_error::UserError;
use std::collections::BTreeSet;

/// The accounts, the open invitations and the site's settings.
///
/// # Errors
/// [`UserError::OperatorsOnly`].
pub async fn people(table: &Table, viewer: &Viewer) -> Result<People, AppError> {
    viewer.operator()?;
    let key = SiteRecord::key();
    let (site, accounts, invitations) = tokio::try_join!(
        table.get::<SiteRecord>(&key),
        owners::accounts(table),
        invitation::open(table)
    )?;
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
        quota: site.as_ref().and_then(|site| site.quota).unwrap_or(DEFAULT_QUOTA_BYTES),
        most_photos: site.and_then(|site| site.most_photos).unwrap_or(DEFAULT_MOST_PHOTOS),
    })
}

/// Adds an account to a group, or removes it. Revokes the invitations of an account that may no longer invite.
///
/// # Errors
/// [`UserError::OwnerOnly`]; [`UserError::LastOwner`] if nobody would own the site; [`UserError::NotFound`].
pub async fn set_group(table: &Table, viewer: &Viewer, id: &AccountId, group: Group, member: bool) -> Result<(), AppError> {
    viewer.owner()?;
    let changed = change(table, id, |account| {
        let _ = if member {
            account.groups.insert(group)
        } else {
            account.groups.remove(&group)
        };
        Ok(vec![])
    });
    let changed = changed.await?.ok_or(UserError::NotFound)?;
    if changed.groups.is_disjoint(&BTreeSet::from([Group::Owner, Group::Operator])) {
        // If this is interrupted, a retry of the same change gets here again.
        invitation::revoke_all_by(table, id).await?;
    }
    Ok(())
}
