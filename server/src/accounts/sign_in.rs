//! Signing in: the user pool proves who it is, and the first time makes the account.

use super::change::{change, writes};
use super::client::Client;
use super::limits::{self, PASSWORDS};
use super::records::{AccountRecord, AdmissionRecord, Holder, SiteRecord, StepRecord};
use super::session::{self, Secret};
use super::sign_up::Email;
use crate::aws::identity::{Answer, Identity, Proven};
use crate::aws::table::{Given, Row, Table};
use crate::encrypted::Cipher;
use crate::failure::Failure;
use crate::{now, secrets};
use model::accounts::Group;
use model::refusals::Refusal;

/// How long somebody may take between password and second step. The user pool's client is told the same.
pub const STEP_SECONDS: i64 = 10 * 60;

/// What somebody brings along who signs in.
pub struct Arrival<'a> {
    /// Their browser.
    pub client: &'a Client,
    /// Its time zone, as far as it said.
    pub zone: Option<String>,
    /// Where they want to go.
    pub to: Option<String>,
}

/// A session that has just begun.
pub struct NewSession {
    /// What the browser is given.
    pub secret: Secret,
    /// The address of its account.
    pub email: Email,
}

/// How far somebody came.
pub enum Entered {
    /// They are in.
    In(NewSession),
    /// They owe the second step; this secret says who it is that does.
    Half(Secret),
}

/// Lets in whom address and password prove, or asks for the second step.
pub async fn sign_in(
    table: &Table,
    identity: &Identity,
    email: &Email,
    password: &str,
    arrival: Arrival<'_>,
) -> Result<Entered, Failure> {
    let tries = limits::count(table, PASSWORDS, email, arrival.client).await?;
    let answer = identity.sign_in(email.as_str(), password).await?;
    tries.forget().await?;
    match answer {
        Answer::Proven(proven) => enter(table, proven, arrival).await.map(Entered::In),
        Answer::SecondStep { challenge } => ask_second_step(table, email, &challenge, arrival).await.map(Entered::Half),
    }
}

/// Begins a session for somebody whom the user pool knows by all that it asks for.
pub async fn enter(table: &Table, proven: Proven, arrival: Arrival<'_>) -> Result<NewSession, Failure> {
    let known: Option<AccountRecord> = table.get(&AccountRecord::key(&proven.id)).await?;
    let account = match known {
        Some(account) if account.leaving_at.is_some() => return Err(Refusal::Leaving.into()),
        Some(account) if account.version < AccountRecord::VERSION || account.email != proven.email => {
            renew(table, account, proven.email).await?
        }
        Some(account) => account,
        None => admit(table, proven).await?,
    };
    let email = Email::parse(&account.email)?;
    let holder = Holder::Account { account: account.id };
    let secret = session::begin(table, holder, arrival.client, arrival.zone).await?;
    Ok(NewSession { secret, email })
}

/// Has somebody owe the second step.
pub(super) async fn ask_second_step(
    table: &Table,
    email: &Email,
    challenge: &str,
    arrival: Arrival<'_>,
) -> Result<Secret, Failure> {
    let secret = secrets::random_text()?;
    let key = StepRecord::key(&secrets::hashed(&secret));
    let ends_at = now().plus_seconds(STEP_SECONDS);
    let step = StepRecord {
        email: email.as_str().to_owned(),
        challenge: Cipher::of(&secret).encrypt(&key, challenge)?,
        zone: arrival.zone,
        to: arrival.to,
        ends_at,
        ttl: ends_at.seconds(),
    };
    table
        .put(Row {
            key,
            item: &step,
            given: Given::Absent,
        })
        .await?;
    Ok(Secret(secret))
}

/// Writes an account as it is written today, with the address that the user pool has. Version 1 left it to the site's row to
/// say whose the site is; version 2 did not stand among the people.
async fn renew(table: &Table, account: AccountRecord, email: String) -> Result<AccountRecord, Failure> {
    let owns = account.version < 2 && {
        let site: Option<SiteRecord> = table.get(&SiteRecord::key()).await?;
        site.is_some_and(|site| site.owner == account.id)
    };
    let renewed = change(table, &account.id, |account| {
        if owns && account.version < 2 {
            account.groups.insert(Group::Owner);
        }
        account.email.clone_from(&email);
        Ok(vec![])
    });
    renewed.await?.ok_or_else(|| Refusal::Closed.into())
}

/// Makes the account of somebody who signed up with the right to come in.
async fn admit(table: &Table, proven: Proven) -> Result<AccountRecord, Failure> {
    let key = AdmissionRecord::key(&Email::parse(&proven.email)?.hash());
    let admission: AdmissionRecord = table.get(&key).await?.ok_or(Refusal::Closed)?;
    if admission.ends_at < now() {
        return Err(Refusal::Closed.into());
    }
    let account = AccountRecord {
        version: AccountRecord::VERSION,
        revision: 1,
        id: proven.id,
        email: proven.email,
        created_at: now(),
        groups: admission.as_owner.then_some(Group::Owner).into_iter().collect(),
        leaving_at: None,
    };
    let mut rows = Vec::from(writes(table, &account, Given::Absent)?);
    if admission.as_owner {
        let site = SiteRecord {
            version: SiteRecord::VERSION,
            revision: 1,
            owner: account.id.clone(),
            open: false,
            quota: None,
            most_photos: None,
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
