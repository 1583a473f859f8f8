//! Passkeys (WebAuthn): with user verification, one counts as both steps of a sign-in.
//!
//! The user pool stores the credentials. It lists them only with an access token, which is not kept, so the pages list rows.

use super::client::Client;
use super::code_attempts::{self, CodeKind};
use super::email::Email;
use super::password;
use super::rate_limits::{self, PASSKEYS};
use super::second_step::Credentials;
use super::sign_in::{self, STEP_SECONDS, SignInContext, SignInStep};
use super::viewer::{SignedIn, Viewer};
use crate::aws::identity::{Identity, SignInOutcome};
use crate::aws::table::{Condition, Key, Row, Table, keys};
use crate::encrypted::{Cipher, Encrypted};
use crate::error::AppError;
use crate::notifications::outbox::{self, To};
use crate::signing_keys::LinkSigner;
use crate::{now, secrets};
use model::accounts::{Passkey, PasskeyChallenge};
use model::ids::AccountId;
use model::notifications::Notification;
use model::time::Time;
use model::user_error::UserError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Maximum passkeys of an account; the user pool allows twenty.
const MAX_PASSKEYS: i32 = 10;

/// Maximum size of a browser's response: an attestation has a few thousand bytes.
const MAX_RESPONSE_BYTES: usize = 32 * 1024;

/// Maximum length of a credential identifier in base64url: 1023 bytes (WebAuthn Level 2, 4).
const MAX_ID_CHARS: usize = 1364;

/// A passkey in its account's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyRecord {
    /// Schema version.
    pub version: u32,
    /// The credential identifier, in base64url.
    pub id: String,
    /// The browser that registered it.
    pub device: model::accounts::Device,
    /// When it was registered.
    pub made_at: Time,
}

impl PasskeyRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key.
    pub fn key(account: &AccountId, id: &str) -> Key {
        keys::passkey(account, &secrets::hashed(id))
    }
}

/// A pending registration of a passkey by a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyRegistrationRecord {
    /// The user pool's access token, as text encrypted for the session. In plain text in older rows.
    pub token: Encrypted,
    /// Expiry.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl PasskeyRegistrationRecord {
    /// Primary key, by the hash of the session's secret.
    pub fn key(session: &str) -> Key {
        keys::passkey_registration(session)
    }
}

/// A pending challenge for a sign-in with a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyChallengeRecord {
    /// The address that signs in.
    pub email: String,
    /// The user pool's session, as text encrypted with the browser's secret; empty for a dummy challenge. In plain text in older rows.
    pub session: Encrypted,
    /// Expiry.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl PasskeyChallengeRecord {
    /// Primary key, by the hash of the browser's secret.
    pub fn key(hash: &str) -> Key {
        keys::passkey_challenge(hash)
    }
}

/// The viewer's passkeys.
pub async fn passkeys(table: &Table, viewer: &Viewer) -> Result<Vec<Passkey>, AppError> {
    let passkeys = listed(table, &viewer.signed_in()?.account.id).await?.into_iter();
    Ok(passkeys
        .map(|passkey| Passkey {
            id: passkey.id,
            device: passkey.device,
            made_at: passkey.made_at,
        })
        .collect())
}

async fn listed(table: &Table, account: &AccountId) -> Result<Vec<PasskeyRecord>, AppError> {
    let pk = keys::account_partition(account);
    let page = table.with_prefix(&pk, keys::PASSKEY_PREFIX, MAX_PASSKEYS).await?;
    Ok(page.items)
}

/// Starts the registration of a passkey; returns WebAuthn's creation options as JSON.
///
/// # Errors
/// [`UserError::WrongPassword`], [`UserError::WrongSecondCode`]; [`UserError::TooMany`] if the account has ten.
pub async fn begin(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    credentials: Credentials<'_>,
    client: &Client,
) -> Result<String, AppError> {
    let signed_in = viewer.signed_in()?;
    let token = token(table, identity, signed_in, credentials, client).await?;
    if listed(table, &signed_in.account.id).await?.len() >= usize::try_from(MAX_PASSKEYS).unwrap_or_default() {
        return Err(UserError::TooMany.into());
    }
    let options = identity.begin_passkey(&token).await?;
    let ends_at = now().plus_seconds(STEP_SECONDS);
    let key = PasskeyRegistrationRecord::key(&signed_in.session.hash);
    let registration = PasskeyRegistrationRecord {
        token: signed_in.cipher.encrypt(&key, &token)?,
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key,
        item: &registration,
        condition: Condition::Anything,
    };
    // Without a condition, it is written.
    let _ = table.put_with_retries(row).await?;
    Ok(options.to_string())
}

async fn token(
    table: &Table,
    identity: &Identity,
    signed_in: &SignedIn,
    credentials: Credentials<'_>,
    client: &Client,
) -> Result<String, AppError> {
    // The password first: without it, no attempt at the second step may be counted.
    let challenge = password::verify(table, identity, signed_in, credentials.password, client).await?;
    let email = Email::parse(&signed_in.account.email)?;
    let code: Option<String> = credentials
        .code
        .map(|code| code.chars().filter(char::is_ascii_digit).collect());
    let code = code.as_deref().filter(|code| !code.is_empty());
    let attempt = match challenge.and(code) {
        Some(_) => Some(code_attempts::count(table, identity, CodeKind::SecondStep, &email, client).await?),
        None => None,
    };
    let token = identity.token(email.as_str(), credentials.password, code).await?;
    if let Some(attempt) = attempt {
        attempt.undo().await?;
    }
    Ok(token)
}

/// Completes the registration with the browser's response.
///
/// # Errors
/// [`UserError::SignInAgain`] without a pending registration in this session; [`UserError::WrongPasskey`].
pub async fn finish(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    response: &str,
    client: &Client,
) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    let key = PasskeyRegistrationRecord::key(&signed_in.session.hash);
    let registration: Option<PasskeyRegistrationRecord> = table.delete_returning(&key).await?;
    let registration = registration
        .filter(|registration| registration.ends_at > now())
        .ok_or(UserError::SignInAgain)?;
    let token: Option<String> = signed_in.cipher.decrypt(&key, &registration.token);
    let token = token.ok_or(UserError::SignInAgain)?;
    let (credential, id) = parse(response)?;
    let account = &signed_in.account.id;
    let record = PasskeyRecord {
        version: PasskeyRecord::VERSION,
        id,
        device: client.device.clone(),
        made_at: now(),
    };
    let key = PasskeyRecord::key(account, &record.id);
    // The row first: a passkey that is not listed could not be removed.
    let row = Row {
        key: key.clone(),
        item: &record,
        condition: Condition::Absent,
    };
    if !table.put_with_retries(row).await?.is_written() {
        return Err(UserError::WrongPasskey.into());
    }
    if let Err(failure) = identity.add_passkey(&token, credential).await {
        table.delete(&key).await?;
        return Err(failure);
    }
    notify(table, account, true).await
}

/// Removes one of the viewer's passkeys.
///
/// # Errors
/// [`UserError::NotFound`] for an unknown one; as [`begin`].
pub async fn remove(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    id: &str,
    credentials: Credentials<'_>,
    client: &Client,
) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    let token = token(table, identity, signed_in, credentials, client).await?;
    let account = &signed_in.account.id;
    let key = PasskeyRecord::key(account, id);
    let record: Option<PasskeyRecord> = table.get(&key).await?;
    let record = record.ok_or(UserError::NotFound)?;
    identity.remove_passkey(&token, &record.id).await?;
    table.delete(&key).await?;
    notify(table, account, false).await
}

async fn notify(table: &Table, account: &AccountId, added: bool) -> Result<(), AppError> {
    outbox::enqueue(table, &To::Account(account.clone()), Notification::PasskeyChanged { added }).await
}

/// Starts a sign-in with a passkey; returns WebAuthn's request options. Addresses without passkeys or without an account get a dummy
/// challenge with a stable credential identifier, so that accounts cannot be enumerated (WebAuthn Level 3, 14.6.2).
pub async fn challenge(
    table: &Table,
    identity: &Identity,
    links: &LinkSigner,
    host: &str,
    email: &Email,
    client: &Client,
) -> Result<PasskeyChallenge, AppError> {
    rate_limits::count(table, PASSKEYS, email, client).await?;
    let challenge = identity.passkey_challenge(email.as_str()).await?;
    let (options, session) = match challenge {
        Some(challenge) => (challenge.options, challenge.session),
        None => (dummy_options(links, host, email)?, String::new()),
    };
    let secret = secrets::random_text()?;
    let key = PasskeyChallengeRecord::key(&secrets::hashed(&secret));
    let ends_at = now().plus_seconds(STEP_SECONDS);
    let ceremony = PasskeyChallengeRecord {
        email: email.as_str().to_owned(),
        session: Cipher::of(&secret).encrypt(&key, &session)?,
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key,
        item: &ceremony,
        condition: Condition::Absent,
    };
    // The key is random: the condition fails only when a repeated request finds its own row.
    let _ = table.put_with_retries(row).await?;
    Ok(PasskeyChallenge {
        ceremony: secret,
        options: options.to_string(),
    })
}

fn dummy_options(links: &LinkSigner, host: &str, email: &Email) -> Result<Value, AppError> {
    Ok(json!({
        "challenge": secrets::random_text()?,
        "timeout": 180_000,
        "rpId": host,
        "allowCredentials": [{ "type": "public-key", "id": secrets::hashed(&links.sign(&format!("passkey:{}", email.as_str()))) }],
        "userVerification": "required",
    }))
}

/// Completes a sign-in with a passkey.
///
/// # Errors
/// [`UserError::SignInAgain`] without a pending challenge; [`UserError::WrongPasskey`].
pub async fn sign_in(
    table: &Table,
    identity: &Identity,
    ceremony: &str,
    response: &str,
    context: SignInContext<'_>,
) -> Result<SignInStep, AppError> {
    // Each challenge is used once.
    let key = PasskeyChallengeRecord::key(&secrets::hashed(ceremony));
    let challenge: Option<PasskeyChallengeRecord> = table.delete_returning(&key).await?;
    let challenge = challenge
        .filter(|challenge| challenge.ends_at > now())
        .ok_or(UserError::SignInAgain)?;
    let session: Option<String> = Cipher::of(ceremony).decrypt(&key, &challenge.session);
    let session = session.ok_or(UserError::SignInAgain)?;
    let (credential, _) = parse(response)?;
    if session.is_empty() {
        return Err(UserError::WrongPasskey.into());
    }
    let email = Email::parse(&challenge.email)?;
    match identity.sign_in_with_passkey(email.as_str(), &session, &credential).await? {
        SignInOutcome::SignedIn(verified) => sign_in::begin_session(table, verified, context).await.map(SignInStep::Done),
        SignInOutcome::SecondStep { challenge } => sign_in::begin_second_step(table, &email, &challenge, context)
            .await
            .map(SignInStep::SecondStep),
    }
}

/// Parses a browser's response; returns it with the credential identifier.
fn parse(response: &str) -> Result<(Value, String), AppError> {
    if response.len() > MAX_RESPONSE_BYTES {
        return Err(UserError::WrongPasskey.into());
    }
    let credential: Value = serde_json::from_str(response).map_err(|_| UserError::WrongPasskey)?;
    let id = credential["id"].as_str().unwrap_or_default();
    let is_base64url = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if id.is_empty() || id.len() > MAX_ID_CHARS || !id.chars().all(is_base64url) {
        return Err(UserError::WrongPasskey.into());
    }
    let id = id.to_owned();
    Ok((credential, id))
}
