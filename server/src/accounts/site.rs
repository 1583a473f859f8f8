//! The site's settings: ownership, admission and quotas.

use super::records::SiteRecord;
use super::viewer::Viewer;
use crate::aws::table::Table;
use crate::error::AppError;
use model::accounts::{Admission, Group, Me};
use model::user_error::UserError;

/// Who may sign up now.
pub async fn admission(table: &Table) -> Result<Admission, AppError> {
    let site: Option<SiteRecord> = table.get(&SiteRecord::key()).await?;
    Ok(match site {
        None => Admission::Owner,
        Some(site) if site.open => Admission::Open,
        Some(_) => Admission::Closed,
    })
}

/// The viewer's own account, if they are signed in.
pub fn me(viewer: &Viewer) -> Option<Me> {
    let Viewer::Account(signed_in) = viewer else { return None };
    let owner = signed_in.is(Group::Owner);
    Some(Me {
        id: signed_in.account.id.clone(),
        email: signed_in.account.email.clone(),
        owner,
        operator: owner || signed_in.is(Group::Operator),
    })
}

/// Opens the site for sign-ups, or closes it.
///
/// # Errors
/// [`UserError::OwnerOnly`] except for owners.
pub async fn set_open(table: &Table, viewer: &Viewer, open: bool) -> Result<(), AppError> {
    set(table, viewer, |site| site.open = open).await
}

/// Sets the limits of each library, in bytes and photos. Existing photos stay.
///
/// # Errors
/// [`UserError::OwnerOnly`] except for owners.
pub async fn set_quota(table: &Table, viewer: &Viewer, quota: u64, most_photos: u32) -> Result<(), AppError> {
    set(table, viewer, |site| {
        site.quota = Some(quota);
        site.most_photos = Some(most_photos);
    })
    .await
}

async fn set(table: &Table, viewer: &Viewer, apply: impl Fn(&mut SiteRecord)) -> Result<(), AppError> {
    viewer.owner()?;
    table
        .change(&SiteRecord::key(), |site: Option<SiteRecord>, revision| {
            let mut site = site.ok_or(UserError::OwnerOnly)?;
            apply(&mut site);
            Ok(Some(SiteRecord { revision, ..site }))
        })
        .await
        .map(drop)
}
