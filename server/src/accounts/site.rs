//! Whose the site is, and who may come in.

use super::records::SiteRecord;
use super::viewer::Viewer;
use crate::aws::table::Table;
use crate::failure::Failure;
use model::accounts::{Admission, Group, Me};
use model::refusals::Refusal;

/// Who may sign up now.
pub async fn admission(table: &Table) -> Result<Admission, Failure> {
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

/// Opens the site to new accounts, or closes it.
///
/// # Errors
/// [`Refusal::OwnerOnly`] for everybody but the owner.
pub async fn set_open(table: &Table, viewer: &Viewer, open: bool) -> Result<(), Failure> {
    set(table, viewer, |site| site.open = open).await
}

/// Says how many bytes each library may take, and how many photos it may have. What is there stays.
///
/// # Errors
/// [`Refusal::OwnerOnly`] for everybody but the owner.
pub async fn set_quota(table: &Table, viewer: &Viewer, quota: u64, most_photos: u32) -> Result<(), Failure> {
    set(table, viewer, |site| {
        site.quota = Some(quota);
        site.most_photos = Some(most_photos);
    })
    .await
}

async fn set(table: &Table, viewer: &Viewer, apply: impl Fn(&mut SiteRecord)) -> Result<(), Failure> {
    viewer.owner()?;
    table
        .change(&SiteRecord::key(), |site: Option<SiteRecord>, revision| {
            let mut site = site.ok_or(Refusal::OwnerOnly)?;
            apply(&mut site);
            Ok(Some(SiteRecord { revision, ..site }))
        })
        .await
        .map(drop)
}
