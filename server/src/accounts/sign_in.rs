//! Sign-in: the user pool authenticates, and the first sign-in creates the account.

use super::change::{change, writes};
use super::client::Client;
use super::email::Email;
use super::rate_limits::{self, PASSWORDS};
use super::records::{AccountRecord, AdmissionRecord, Holder, PendingSecondStepRecord, SiteRecord};
use super::session::{self, Secret};
use crate::aws::identity::{Identity, SignInOutcome, VerifiedUser};
use crate::aws::table::{Condition, Row, Table};
use crate::encrypted::Cipher;
use crate::error::AppError;
use crate::{now, secrets};
use model::accounts::Group;
use model::user_error::UserError;

/// How long the second step may take after the password. The user pool's client is configured with the same value.
pub const STEP_SECONDS: i64 = 10 * 60;

/// The context of a sign-in.
pub struct SignInContext<'a> {
    /// The client.
    pub client: &'a Client,
    /// Its time zone, if known.
    pub zone: Option<String>,
    /// Where to go after the sign-in.
    pub to: Option<String>,
}

/// A new session.
pub struct NewSession {
    /// For the browser's cookie.
    pub secret: Secret,
    /// The address of its account.
    pub email: Email,
}

/// The result of a sign-in, before or after the second step.
pub enum SignInStep {
    /// A session has begun.
    Done(NewSession),
    /// The second step is pending; the secret identifies the sign-in.
    SecondStep(Secret),
}

/// Signs in with address and password.
pub async fn sign_in(
    table: &Table,
    identity: &Identity,
    email: &Email,
    password: &str,
    context: SignInContext<'_>,
) -> Result<SignInStep, AppError> {
    let attempt = rate_limits::count(table, PASSWORDS, email, context.client).await?;
    let answer = identity.sign_in(email.as_str(), password).await?;
    attempt.forget().await?;
    match answer {
        SignInOutcome::SignedIn(verified) => begin_session(table, verified, context).await.map(SignInStep::Done),
        SignInOutcome::SecondStep { challenge } => begin_second_step(table, email, &challenge, context)
            .await
            .map(SignInStep::SecondStep),
    }
}

/// Begins a session for a user who is fully authenticated.
pub async fn begin_session(table: &Table, verified: VerifiedUser, context: SignInContext<'_>) -> Result<NewSession, AppError> {
    let known: Option<AccountRecord> = table.get(&AccountRecord::key(&verified.id)).await?;
    let account = match known {
        Some(account) if account.leaving_at.is_some() => return Err(UserError::Leaving.into()),
        Some(account) if account.version < AccountRecord::VERSION || account.email != verified.email => {
            upgrade(table, account, verified.email).await?
        }
        Some(account) => account,
        None => create_account(table, verified).await?,
    };
    let email = Email::parse(&account.email)?;
    let holder = Holder::Account { account: account.id };
    let secret = session::begin(table, holder, context.client, context.zone).await?;
    Ok(NewSession { secret, email })
}

/// Saves a sign-in until its second step; returns the secret that identifies it.
pub(super) async fn begin_second_step(
    table: &Table,
    email: &Email,
    challenge: &str,
    context: SignInContext<'_>,
) -> Result<Secret, AppError> {
    let secret = secrets::random_text()?;
    let key = PendingSecondStepRecord::key(&secrets::hashed(&secret));
    let ends_at = now().plus_seconds(STEP_SECONDS);
    let step = PendingSecondStepRecord {
        email: email.as_str().to_owned(),
        challenge: Cipher::of(&secret).encrypt(&key, challenge)?,
        zone: context.zone,
        to: context.to,
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key,
        item: &step,
        condition: Condition::Absent,
    };
    // The key is random: the condition fails only when a repeated request finds its own row.
    let _ = table.put_with_retries(row).await?;
    Ok(Secret(secret))
}

/// Migrates an account's row to the current version, and its address to the user pool's. In version 1, only the site's row names the
/// owner; version 2 has no row in the list of people.
async fn upgrade(table: &Table, account: AccountRecord, email: String) -> Result<AccountRecord, AppError> {
    let owns = account.version < 2 && {
        let site: Option<SiteRecord> = table.get(&SiteRecord::key()).await?;
        site.is_some_and(|site| site.owner == account.id)
    };
    let upgraded = change(table, &account.id, |account| {
        if owns && account.version < 2 {
            account.groups.insert(Group::Owner);
        }
        account.email.clone_from(&email);
        Ok(vec![])
    });
    upgraded.await?.ok_or_else(|| UserError::Closed.into())
}

/// Creates the account of a user with an admission.
async fn create_account(table: &Table, verified: VerifiedUser) -> Result<AccountRecord, AppError> {
    let key = AdmissionRecord::key(&Email::parse(&verified.email)?.hash());
    let admission: AdmissionRecord = table.get(&key).await?.ok_or(UserError::Closed)?;
    if admission.ends_at < now() {
        return Err(UserError::Closed.into());
    }
    let account = AccountRecord {
        version: AccountRecord::VERSION,
        revision: 1,
        id: verified.id,
        email: verified.email,
        created_at: now(),
        groups: admission.as_owner.then_some(Group::Owner).into_iter().collect(),
        leaving_at: None,
    };
    let mut rows = Vec::from(writes(table, &account, Condition::Absent)?);
    if admission.as_owner {
        let site = SiteRecord {
            version: SiteRecord::VERSION,
            revision: 1,
            owner: account.id.clone(),
            open: false,
            quota: None,
            most_photos: None,
        };
        rows.push(table.transact_put(Row {
            key: SiteRecord::key(),
            item: &site,
            condition: Condition::Absent,
        })?);
    }
    if !table.transact_write_with_retries(rows).await?.is_written() {
        // Either somebody else became the owner, or a concurrent sign-in created this account.
        return table
            .get(&AccountRecord::key(&account.id))
            .await?
            .ok_or_else(|| UserError::Closed.into());
    }
    table.delete_returning::<AdmissionRecord>(&key).await?;
    Ok(account)
}
