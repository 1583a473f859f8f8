//! Who may sign in to an account by another provider.
//!
//! A provider's user is linked to an account by a row; the account itself is the one of its address in the user pool, with
//! the pool's `sub`. Cognito makes a user of its own for each who comes by its hosted pages: those are never accounts, or an
//! address would have two, and nobody who came by a provider could choose a password or a second step.

use super::records::AccountRecord;
use crate::aws::hosted::Known;
use crate::aws::table::{Given, Key, Row, Table};
use crate::failure::Failure;
use crate::{now, secrets};
use model::accounts::Linked;
use model::ids::AccountId;
use model::refusals::Refusal;
use model::time::Time;
use serde::{Deserialize, Serialize};

/// Links that an account may have.
const MOST: i32 = 10;

/// A provider's user, who is let in to an account. It stands by itself and in the account's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityRecord {
    /// Schema version.
    pub version: u32,
    /// Hash of provider and user.
    pub hash: String,
    /// The provider.
    pub provider: String,
    /// The user's address there, where the provider said one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The account.
    pub account: AccountId,
    /// What the user pool calls the user that it made for them: that one ends with the account. Version 1 did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Since when.
    pub linked_at: Time,
}

impl IdentityRecord {
    /// Current schema version.
    pub const VERSION: u32 = 2;

    /// Primary key.
    pub fn key(hash: &str) -> Key {
        Key::new(format!("IDENTITY#{hash}"), "IDENTITY")
    }

    /// Key of the copy in the account's list.
    pub fn listed_key(account: &AccountId, hash: &str) -> Key {
        Key::new(format!("ACCOUNT#{account}"), format!("IDENTITY#{hash}"))
    }
}

/// What a provider's user is called in keys.
pub fn hash(known: &Known) -> String {
    secrets::hashed(&format!("{}\n{}", known.provider, known.subject))
}

/// The account of a provider's user, if they are linked to one that is still there.
pub async fn account_of(table: &Table, hash: &str) -> Result<Option<AccountRecord>, Failure> {
    let Some(link) = table.get::<IdentityRecord>(&IdentityRecord::key(hash)).await? else {
        return Ok(None);
    };
    table.get(&AccountRecord::key(&link.account)).await
}

/// That a provider's user may be linked to an account; answers the link that stands in its place.
///
/// # Errors
/// [`Refusal::LinkedElsewhere`] for one who is linked to another; [`Refusal::TooMany`] when there are ten.
pub async fn linkable(table: &Table, account: &AccountId, hash: &str) -> Result<Option<IdentityRecord>, Failure> {
    if linked(table, account).await?.len() >= usize::try_from(MOST).unwrap_or_default() {
        return Err(Refusal::TooMany.into());
    }
    let there: Option<IdentityRecord> = table.get(&IdentityRecord::key(hash)).await?;
    if let Some(link) = &there
        && link.account != *account
    {
        let other: Option<AccountRecord> = table.get(&AccountRecord::key(&link.account)).await?;
        if other.is_some() {
            return Err(Refusal::LinkedElsewhere.into());
        }
    }
    Ok(there)
}

/// Links a provider's user to an account.
///
/// # Errors
/// [`Refusal::LinkedElsewhere`] for one who is linked to another; [`Refusal::TooMany`] when there are ten.
pub async fn link(
    table: &Table,
    account: &AccountId,
    provider: String,
    hash: &str,
    email: Option<String>,
    username: Option<String>,
) -> Result<(), Failure> {
    // One whose account is gone may be linked again.
    let there = linkable(table, account, hash).await?;
    let record = IdentityRecord {
        version: IdentityRecord::VERSION,
        hash: hash.to_owned(),
        provider,
        email,
        account: account.clone(),
        username,
        linked_at: now(),
    };
    let given = match &there {
        None => Given::Absent,
        Some(there) if there.account == *account => return Ok(()),
        Some(there) => Given::Text("account", there.account.as_str()),
    };
    let own = table.together(Row {
        key: IdentityRecord::key(hash),
        item: &record,
        given,
    })?;
    let listed = table.together(Row {
        key: IdentityRecord::listed_key(account, hash),
        item: &record,
        given: Given::Anything,
    })?;
    match table.put_together(vec![own, listed]).await? {
        true => Ok(()),
        // Another window was first, with this account or another.
        false => Err(Refusal::LinkedElsewhere.into()),
    }
}

/// Takes a link away; answers to which provider.
///
/// # Errors
/// [`Refusal::NotFound`] for one that is not there, or not the account's.
pub async fn unlink(table: &Table, account: &AccountId, hash: &str) -> Result<String, Failure> {
    let link: Option<IdentityRecord> = table.get(&IdentityRecord::listed_key(account, hash)).await?;
    let link = link.ok_or(Refusal::NotFound)?;
    let keys = [IdentityRecord::key(hash), IdentityRecord::listed_key(account, hash)];
    table.delete_together(&keys).await?;
    Ok(link.provider)
}

/// An account's links, as they are kept.
pub async fn listed(table: &Table, account: &AccountId) -> Result<Vec<IdentityRecord>, Failure> {
    let pk = format!("ACCOUNT#{account}");
    let page = table.between(&pk, "IDENTITY#", "IDENTITY#~", MOST).await?;
    Ok(page.items)
}

/// An account's links.
pub async fn linked(table: &Table, account: &AccountId) -> Result<Vec<Linked>, Failure> {
    let links = listed(table, account).await?.into_iter().map(|link| Linked {
        id: link.hash,
        provider: link.provider,
        email: link.email,
    });
    Ok(links.collect())
}
