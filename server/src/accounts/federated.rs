//! Sign-in with external identity providers, by OAuth 2 through Cognito's hosted pages.

use super::client::Client;
use super::email::Email;
use super::identities;
use super::invitation;
use super::password;
use super::rate_limits::{self, OAUTH_ATTEMPTS};
use super::records::AccountRecord;
use super::second_step::{self, Credentials};
use super::session::Secret;
use super::sign_in::{self, NewSession, SignInContext};
use super::sign_up::{self, SignUpRight};
use super::site;
use super::viewer::Viewer;
use crate::aws::hosted::{Hosted, OAuthAttempt, ProviderUser};
use crate::aws::identity::{Identity, VerifiedUser};
use crate::aws::table::{Condition, Key, Row, Table, keys};
use crate::encrypted::{Cipher, Encrypted};
use crate::error::AppError;
use crate::notifications::outbox::{self, To};
use crate::{now, secrets};
use model::accounts::{Admission, SignInMethods, Waiting};
use model::addresses::OwnPath;
use model::ids::AccountId;
use model::notifications::Notification;
use model::time::Time;
use model::user_error::UserError;
use serde::{Deserialize, Serialize};

/// Lifetime of an OAuth attempt, and of a pending link.
pub const PROVIDER_SECONDS: i64 = 10 * 60;

/// Length of the secret in the browser's cookie.
const SECRET_CHARS: usize = 43;

/// An OAuth attempt: a browser was sent to a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuthAttemptRecord {
    /// The provider.
    pub provider: String,
    /// Hash of the secret in the browser's cookie.
    pub browser: String,
    /// [`Checks`], encrypted with the browser's secret. Older rows have them in plain text, which is ignored.
    #[serde(default)]
    pub checks: Encrypted,
    /// The account to link to, if a signed-in user asked for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Where to go after the sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Expiry.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl OAuthAttemptRecord {
    /// Primary key, by the hash of the OAuth state.
    pub fn key(hash: &str) -> Key {
        keys::oauth_attempt(hash)
    }
}

/// What the provider's response is checked with.
#[derive(Serialize, Deserialize)]
pub struct Checks {
    /// OpenID Connect nonce, which the ID token must contain.
    nonce: String,
    /// PKCE verifier, for the exchange of the code.
    verifier: String,
}

/// A pending link: a provider's user who is to be linked to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingLinkRecord {
    /// The provider.
    pub provider: String,
    /// Hash of provider and user.
    pub identity: String,
    /// The username of the user that the user pool created for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The address at the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The account that asked for the link. `None`: the account with the address, which the provider has verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Expiry.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl PendingLinkRecord {
    /// Primary key, by the hash of the secret in the browser's cookie.
    pub fn key(hash: &str) -> Key {
        keys::pending_link(hash)
    }
}

/// What an OAuth attempt is for.
pub struct ProviderRequest<'a> {
    /// The provider's name, unchecked.
    pub provider: &'a str,
    /// Whether to link to the account that is signed in.
    pub link: bool,
    /// Where to go after the sign-in.
    pub to: Option<OwnPath>,
}

/// Starts an OAuth attempt; returns the authorization URL, and the secret for the browser's cookie.
///
/// # Errors
/// [`UserError::NotFound`] for a provider that is not configured; [`UserError::TooMany`].
pub async fn start(
    table: &Table,
    hosted: Option<&Hosted>,
    viewer: &Viewer,
    request: ProviderRequest<'_>,
    browser: Option<&str>,
    client: &Client,
) -> Result<(String, Secret), AppError> {
    let hosted = hosted.ok_or(UserError::NotFound)?;
    let provider = hosted.providers().iter().find(|known| *known == request.provider);
    let provider = provider.ok_or(UserError::NotFound)?.clone();
    rate_limits::count_by_address(table, OAUTH_ATTEMPTS, client).await?;
    let account = match request.link {
        true => Some(viewer.signed_in()?.account.id.clone()),
        false => None,
    };
    let state = secrets::random_text()?;
    let checks = Checks {
        nonce: secrets::random_text()?,
        verifier: secrets::random_text()?,
    };
    // Attempts in two windows of one browser share the secret.
    let browser = match browser.filter(|secret| secret.len() == SECRET_CHARS) {
        Some(secret) => secret.to_owned(),
        None => secrets::random_text()?,
    };
    let key = OAuthAttemptRecord::key(&secrets::hashed(&state));
    let ends_at = now().plus_seconds(PROVIDER_SECONDS);
    let attempt = OAuthAttemptRecord {
        browser: secrets::hashed(&browser),
        provider,
        checks: Cipher::of(&browser).encrypt(&key, &checks)?,
        account,
        to: request.to.map(|to| to.as_str().to_owned()),
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key,
        item: &attempt,
        condition: Condition::Absent,
    };
    // The key is random: the condition fails only when a repeated request finds its own row.
    let _ = table.put_with_retries(row).await?;
    Ok((hosted.address(&attempt.with(&state, &checks)), Secret(browser)))
}

/// Consumes an OAuth attempt; returns it with its checks.
///
/// # Errors
/// [`UserError::ProviderTooLate`] if it has expired, or belongs to another browser.
pub async fn finish(table: &Table, state: &str, browser: Option<&str>) -> Result<(OAuthAttemptRecord, Checks), AppError> {
    let key = OAuthAttemptRecord::key(&secrets::hashed(state));
    let attempt: Option<OAuthAttemptRecord> = table.get(&key).await?;
    let browser = browser.unwrap_or_default();
    let hash = secrets::hashed(browser);
    let valid = attempt.filter(|attempt| attempt.ends_at > now() && secrets::same(&attempt.browser, &hash));
    valid.ok_or(UserError::ProviderTooLate)?;
    // Of two concurrent callbacks, one gets it.
    let taken: Option<OAuthAttemptRecord> = table.delete_returning(&key).await?;
    let attempt = taken.ok_or(UserError::ProviderTooLate)?;
    let checks = Cipher::of(browser).decrypt(&key, &attempt.checks);
    Ok((attempt, checks.ok_or(UserError::ProviderTooLate)?))
}

/// The outcome of a sign-in with a provider.
pub enum ProviderOutcome {
    /// A session has begun.
    SignedIn(NewSession),
    /// The link is pending until a sign-in to the account of the address.
    LinkAtSignIn,
    /// The link is pending until the signed-in user confirms it ([`link_with_credentials`]).
    LinkByProof,
}

/// Signs in the user that a provider has authenticated, or makes the link pending.
///
/// # Errors
/// [`UserError::EmailNotProven`], [`UserError::LinkedElsewhere`]; [`UserError::Closed`] and [`UserError::NoOwnerYet`] for new users.
pub async fn sign_in(
    table: &Table,
    identity: &Identity,
    known: ProviderUser,
    attempt: &OAuthAttemptRecord,
    browser: &str,
    client: &Client,
) -> Result<ProviderOutcome, AppError> {
    let hash = identities::hash(&known);
    let linked = identities::account_of(table, &hash).await?;
    let email = known.email.as_deref().and_then(|text| Email::parse(text).ok());
    match (&attempt.account, linked) {
        (Some(account), Some(linked)) if linked.id != *account => Err(UserError::LinkedElsewhere.into()),
        (Some(_), _) => {
            save_pending_link(table, &known, hash, email, attempt.account.clone(), browser).await?;
            Ok(ProviderOutcome::LinkByProof)
        }
        (None, Some(account)) => begin_session(table, account.id, account.email, client).await,
        (None, None) => {
            let email = email.filter(|_| known.email_proved).ok_or(UserError::EmailNotProven)?;
            if identity.user_exists(email.as_str()).await? {
                save_pending_link(table, &known, hash, Some(email), None, browser).await?;
                return Ok(ProviderOutcome::LinkAtSignIn);
            }
            let account = create_user(table, identity, &email).await?;
            let email = email.as_str().to_owned();
            identities::link(
                table,
                &account,
                known.provider,
                &hash,
                Some(email.clone()),
                Some(known.username),
            )
            .await?;
            begin_session(table, account, email, client).await
        }
    }
}

async fn begin_session(table: &Table, id: AccountId, email: String, client: &Client) -> Result<ProviderOutcome, AppError> {
    let context = SignInContext {
        client,
        zone: None,
        to: None,
    };
    sign_in::begin_session(table, VerifiedUser { id, email }, context)
        .await
        .map(ProviderOutcome::SignedIn)
}

/// Creates the user pool's user for a verified address, if it may sign up. The password is random: the user can set one by a reset.
async fn create_user(table: &Table, identity: &Identity, email: &Email) -> Result<AccountId, AppError> {
    match site::admission(table).await? {
        Admission::Owner => return Err(UserError::NoOwnerYet.into()),
        Admission::Open => {}
        Admission::Closed => {
            let invitation = invitation::of_address(table, email).await?;
            invitation.ok_or(UserError::Closed)?;
        }
    }
    sign_up::save_admission(table, email, SignUpRight::invited()).await?;
    identity.create_user(email.as_str(), &secrets::random_text()?).await?;
    // Last, so that a failed attempt can be retried.
    invitation::delete_all_of(table, email).await?;
    Ok(identity.user(email.as_str()).await?.id)
}

async fn save_pending_link(
    table: &Table,
    known: &ProviderUser,
    identity: String,
    email: Option<Email>,
    account: Option<AccountId>,
    browser: &str,
) -> Result<(), AppError> {
    let ends_at = now().plus_seconds(PROVIDER_SECONDS);
    let pending = PendingLinkRecord {
        provider: known.provider.clone(),
        identity,
        username: Some(known.username.clone()),
        email: email.map(|email| email.as_str().to_owned()),
        account,
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key: PendingLinkRecord::key(&secrets::hashed(browser)),
        item: &pending,
        condition: Condition::Anything,
    };
    table.put_with_retries(row).await.map(drop)
}

async fn pending_link(table: &Table, browser: Option<&str>) -> Result<Option<PendingLinkRecord>, AppError> {
    let Some(browser) = browser else { return Ok(None) };
    let pending: Option<PendingLinkRecord> = table.get(&PendingLinkRecord::key(&secrets::hashed(browser))).await?;
    Ok(pending.filter(|pending| pending.ends_at > now()))
}

/// Completes this browser's pending link with the account that it just signed in to, if that has the same address.
pub async fn complete_link(table: &Table, account: &AccountRecord, browser: Option<&str>) -> Result<(), AppError> {
    let Some(pending) = pending_link(table, browser).await? else {
        return Ok(());
    };
    if pending.account.is_some() || pending.email.as_deref() != Some(account.email.as_str()) {
        return Ok(());
    }
    link(table, &account.id, pending, browser).await
}

/// Completes this browser's pending link with the viewer's account; requires the password, and the code of the second step if that is
/// on, as a sign-in with the provider will not ask for it.
///
/// # Errors
/// [`UserError::ProviderTooLate`] without a pending link that the viewer asked for; as [`second_step::verify`].
pub async fn link_with_credentials(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    credentials: Credentials<'_>,
    browser: Option<&str>,
    client: &Client,
) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    let account = &signed_in.account.id;
    let pending = pending_link(table, browser)
        .await?
        .filter(|pending| pending.account.as_ref() == Some(account));
    let pending = pending.ok_or(UserError::ProviderTooLate)?;
    // Before the credentials are checked, which may consume a recovery code.
    identities::linkable(table, account, &pending.identity).await?;
    second_step::verify(table, identity, signed_in, credentials, client).await?;
    link(table, account, pending, browser).await
}

async fn link(table: &Table, account: &AccountId, pending: PendingLinkRecord, browser: Option<&str>) -> Result<(), AppError> {
    let provider = pending.provider.clone();
    identities::link(
        table,
        account,
        pending.provider,
        &pending.identity,
        pending.email,
        pending.username,
    )
    .await?;
    notify(table, account, provider, true).await?;
    let key = PendingLinkRecord::key(&secrets::hashed(browser.unwrap_or_default()));
    table.delete_returning::<PendingLinkRecord>(&key).await.map(drop)
}

/// Unlinks a provider from the viewer's account; requires the password, so that the user has another way to sign in.
pub async fn unlink(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    id: &str,
    password: &str,
    client: &Client,
) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    password::verify(table, identity, signed_in, password, client).await?;
    let account = &signed_in.account.id;
    let provider = identities::unlink(table, account, id).await?;
    notify(table, account, provider, false).await
}

async fn notify(table: &Table, account: &AccountId, provider: String, added: bool) -> Result<(), AppError> {
    let notification = Notification::ProviderChanged { provider, added };
    outbox::enqueue(table, &To::Account(account.clone()), notification).await
}

/// The configured providers.
pub fn providers(hosted: Option<&Hosted>) -> Vec<String> {
    hosted.map(|hosted| hosted.providers().to_vec()).unwrap_or_default()
}

/// The providers for the viewer's account: linked, available and pending.
pub async fn ways(
    table: &Table,
    hosted: Option<&Hosted>,
    viewer: &Viewer,
    browser: Option<&str>,
) -> Result<SignInMethods, AppError> {
    let account = &viewer.signed_in()?.account.id;
    let (pending, linked) = tokio::try_join!(pending_link(table, browser), identities::linked(table, account))?;
    Ok(SignInMethods {
        linked,
        providers: providers(hosted),
        waiting: pending
            .filter(|pending| pending.account.as_ref() == Some(account))
            .map(|pending| Waiting {
                provider: pending.provider,
                email: pending.email,
            }),
    })
}

impl OAuthAttemptRecord {
    /// The attempt, as the hosted pages take it.
    pub fn with<'a>(&'a self, state: &'a str, checks: &'a Checks) -> OAuthAttempt<'a> {
        OAuthAttempt {
            provider: &self.provider,
            state,
            nonce: &checks.nonce,
            verifier: &checks.verifier,
        }
    }
}
