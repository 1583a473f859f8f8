//! Links between the users of external identity providers and accounts.
//!
//! A row links a provider's user to an account, which is the native user of the user pool, with its `sub`. Cognito creates another user
//! for each provider's user who signs in on its hosted pages. Those are never accounts: an address would have two, and users of providers
//! could set neither a password nor a second step.

use super::records::AccountRecord;
use crate::aws::hosted::ProviderUser;
use crate::aws::table::{Condition, Key, Row, Table, keys};
use crate::error::AppError;
use crate::{now, secrets};
use model::accounts::Linked;
use model::ids::AccountId;
use model::time::Time;
use model::user_error::UserError;
use serde::{Deserialize, Serialize};

/// Maximum links of an account.
const MAX_LINKS: i32 = 10;

/// A link: a provider's user who may sign in to an account. Stored twice, by itself and in the account's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityRecord {
    /// Schema version.
    pub version: u32,
    /// Hash of provider and user.
    pub hash: String,
    /// The provider.
    pub provider: String,
    /// The user's address at the provider, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The account.
    pub account: AccountId,
    /// The username of the user that the user pool created for them, to be deleted with the account. Since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// When it was linked.
    pub linked_at: Time,
}

impl IdentityRecord {
    /// Current schema version.
    pub const VERSION: u32 = 2;

    /// Primary key.
    pub fn key(hash: &str) -> Key {
        keys::identity(hash)
    }

    /// Key of the copy in the account's list.
    pub fn listed_key(account: &AccountId, hash: &str) -> Key {
        keys::identity_of_account(account, hash)
    }
}

/// Hash of a provider's user, for keys.
pub fn hash(known: &ProviderUser) -> String {
    secrets::hashed(&format!("{}\n{}", known.provider, known.subject))
}

/// The account that a provider's user is linked to, if it still exists.
pub async fn account_of(table: &Table, hash: &str) -> Result<Option<AccountRecord>, AppError> {
    let Some(link) = table.get::<IdentityRecord>(&IdentityRecord::key(hash)).await? else {
        return Ok(None);
    };
    table.get(&AccountRecord::key(&link.account)).await
}

/// Checks that a provider's user may be linked to an account; returns their existing link.
///
/// # Errors
/// [`UserError::LinkedElsewhere`] if they are linked to another account; [`UserError::TooMany`] if the account has ten links.
pub async fn linkable(table: &Table, account: &AccountId, hash: &str) -> Result<Option<IdentityRecord>, AppError> {
    if linked(table, account).await?.len() >= usize::try_from(MAX_LINKS).unwrap_or_default() {
        return Err(UserError::TooMany.into());
    }
    let existing: Option<IdentityRecord> = table.get(&IdentityRecord::key(hash)).await?;
    if let Some(link) = &existing
        && link.account != *account
    {
        let other: Option<AccountRecord> = table.get(&AccountRecord::key(&link.account)).await?;
        if other.is_some() {
            return Err(UserError::LinkedElsewhere.into());
        }
    }
    Ok(existing)
}

/// Links a provider's user to an account.
///
/// # Errors
/// [`UserError::LinkedElsewhere`] if they are linked to another account; [`UserError::TooMany`] if the account has ten links.
pub async fn link(
    table: &Table,
    account: &AccountId,
    provider: String,
    hash: &str,
    email: Option<String>,
    username: Option<String>,
) -> Result<(), AppError> {
    // A link to a deleted account may be replaced.
    let existing = linkable(table, account, hash).await?;
    let record = IdentityRecord {
        version: IdentityRecord::VERSION,
        hash: hash.to_owned(),
        provider,
        email,
        account: account.clone(),
        username,
        linked_at: now(),
    };
    let condition = match &existing {
        None => Condition::Absent,
        Some(link) if link.account == *account => return Ok(()),
        Some(link) => Condition::Text("account", link.account.as_str()),
    };
    let own = table.transact_put(Row {
        key: IdentityRecord::key(hash),
        item: &record,
        condition,
    })?;
    let listed = table.transact_put(Row {
        key: IdentityRecord::listed_key(account, hash),
        item: &record,
        condition: Condition::Anything,
    })?;
    if !table.transact_write_with_retries(vec![own, listed]).await?.is_written() {
        // A concurrent request has linked the same user.
        return Err(UserError::LinkedElsewhere.into());
    }
    Ok(())
}

/// Removes a link; returns its provider.
///
/// # Errors
/// [`UserError::NotFound`] if the account has no such link.
pub async fn unlink(table: &Table, account: &AccountId, hash: &str) -> Result<String, AppError> {
    let link: Option<IdentityRecord> = table.get(&IdentityRecord::listed_key(account, hash)).await?;
    let link = link.ok_or(UserError::NotFound)?;
    let keys = [IdentityRecord::key(hash), IdentityRecord::listed_key(account, hash)];
    table.transact_delete_all(&keys).await?;
    Ok(link.provider)
}

/// An account's links, as stored.
pub async fn listed(table: &Table, account: &AccountId) -> Result<Vec<IdentityRecord>, AppError> {
    let pk = keys::account_partition(account);
    let page = table.with_prefix(&pk, keys::IDENTITY_PREFIX, MAX_LINKS).await?;
    Ok(page.items)
}

/// An account's links, for the pages.
pub async fn linked(table: &Table, account: &AccountId) -> Result<Vec<Linked>, AppError> {
    let links = listed(table, account).await?.into_iter().map(|link| Linked {
        id: link.hash,
        provider: link.provider,
        email: link.email,
    });
    Ok(links.collect())
}
