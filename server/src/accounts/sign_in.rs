//! Signing in: the user pool proves who it is, and the first time makes the account.

use super::records::{AccountRecord, AdmissionRecord, Holder, SiteRecord};
use super::session::{self, Secret};
use super::sign_up::Email;
use crate::aws::identity::{Identity, Proven};
use crate::aws::table::{Given, Row, Table};
use crate::failure::Failure;
use crate::now;
use model::accounts::Group;
use model::refusals::Refusal;

/// Begins a session for whom address and password prove.
pub async fn sign_in(table: &Table, identity: &Identity, email: &Email, password: &str) -> Result<Secret, Failure> {
    let proven = identity.sign_in(email.as_str(), password).await?;
    let known: Option<AccountRecord> = table.get(&AccountRecord::key(&proven.id)).await?;
    let account = match known {
        Some(account) if account.version < AccountRecord::VERSION => renew(table, account).await?,
        Some(account) => account,
        None => admit(table, email, proven).await?,
    };
    session::begin(table, Holder::Account { account: account.id }).await
}

/// Writes an account as it is written today. Version 1 left it to the site's row to say whose the site is.
async fn renew(table: &Table, mut account: AccountRecord) -> Result<AccountRecord, Failure> {
    let site: Option<SiteRecord> = table.get(&SiteRecord::key()).await?;
    if site.is_some_and(|site| site.owner == account.id) {
        account.groups.insert(Group::Owner);
    }
    let read = account.version;
    account.version = AccountRecord::VERSION;
    let renewed = Row {
        key: AccountRecord::key(&account.id),
        item: &account,
        given: Given::Number("version", read.into()),
    };
    // Where another window was first, it wrote the same.
    table.put(renewed).await?;
    Ok(account)
}

/// Makes the account of somebody who signed up with the right to come in.
async fn admit(table: &Table, email: &Email, proven: Proven) -> Result<AccountRecord, Failure> {
    let key = AdmissionRecord::key(&email.hash());
    let admission: AdmissionRecord = table.get(&key).await?.ok_or(Refusal::Closed)?;
    if admission.ends_at < now() {
        return Err(Refusal::Closed.into());
    }
    let account = AccountRecord {
        version: AccountRecord::VERSION,
        id: proven.id,
        email: proven.email,
        created_at: now(),
        groups: admission.as_owner.then_some(Group::Owner).into_iter().collect(),
    };
    let mut rows = vec![table.together(Row {
        key: AccountRecord::key(&account.id),
        item: &account,
        given: Given::Absent,
    })?];
    if admission.as_owner {
        let site = SiteRecord {
            version: SiteRecord::VERSION,
            revision: 1,
            owner: account.id.clone(),
            open: false,
        };
        rows.push(table.together(Row {
            key: SiteRecord::key(),
            item: &site,
            given: Given::Absent,
        })?);
    }
    if !table.put_together(rows).await? {
        // Either somebody else became the owner, or this account was just made in another window.
        return table
            .get(&AccountRecord::key(&account.id))
            .await?
            .ok_or_else(|| Refusal::Closed.into());
    }
    table.take::<AdmissionRecord>(&key).await?;
    Ok(account)
}
