//! Signing in: the user pool proves who it is, and the first time makes the account.

use super::records::{AccountRecord, AdmissionRecord, SiteRecord};
use super::session::{self, Secret};
use super::sign_up::Email;
use crate::aws::identity::{Identity, Proven};
use crate::aws::table::{Given, Row, Table};
use crate::failure::Failure;
use crate::now;
use model::refusals::Refusal;

/// Begins a session for whom address and password prove.
pub async fn sign_in(table: &Table, identity: &Identity, email: &Email, password: &str) -> Result<Secret, Failure> {
    let proven = identity.sign_in(email.as_str(), password).await?;
    let known: Option<AccountRecord> = table.get(&AccountRecord::key(&proven.id)).await?;
    let account = match known {
        Some(account) => account,
        None => admit(table, email, proven).await?,
    };
    session::begin(table, &account.id).await
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
