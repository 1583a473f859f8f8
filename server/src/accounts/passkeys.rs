//! Passkeys: one that asks for a finger, a face or a PIN is both steps of signing in at once.
//!
//! Their keys are the user pool's. It lists them only to whoever holds a token, which nobody keeps here: what the pages
//! show of them stands in rows.

use super::client::Client;
use super::guesses::{self, Of};
use super::limits::{self, PASSKEYS};
use super::password;
use super::second_step::Proof;
use super::sign_in::{self, Arrival, Entered, STEP_SECONDS};
use super::sign_up::Email;
use super::viewer::{SignedIn, Viewer};
use crate::aws::identity::{Answer, Identity};
use crate::aws::table::{Given, Key, Row, Table};
use crate::encrypted::{Cipher, Encrypted};
use crate::failure::Failure;
use crate::keys::LinkSigner;
use crate::notices::outbox::{self, To};
use crate::{now, secrets};
use model::accounts::{Passkey, PasskeyQuestion};
use model::ids::AccountId;
use model::notices::Notice;
use model::refusals::Refusal;
use model::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Passkeys that an account may have; the user pool takes twenty.
const MOST: i32 = 10;

/// The most bytes that a browser's answer has: an attestation is some thousands.
const ANSWER_BYTES: usize = 32 * 1024;

/// The longest name of a credential in base64url: 1023 bytes (WebAuthn Level 2, 4).
const ID_CHARS: usize = 1364;

/// A passkey in its account's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyRecord {
    /// Schema version.
    pub version: u32,
    /// The credential, in base64url.
    pub id: String,
    /// The browser that it was made in.
    pub device: model::accounts::Device,
    /// When.
    pub made_at: Time,
}

impl PasskeyRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Primary key.
    pub fn key(account: &AccountId, id: &str) -> Key {
        Key::new(format!("ACCOUNT#{account}"), format!("PASSKEY#{}", secrets::hashed(id)))
    }
}

/// A passkey that is being made, by the session that does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakingRecord {
    /// The user pool's token of who proved the password: a text, for the session. It was in plain text before.
    pub token: Encrypted,
    /// Until when it may be finished.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl MakingRecord {
    /// Primary key, by the hash of the session's secret.
    pub fn key(session: &str) -> Key {
        Key::new(format!("MAKING#{session}"), "MAKING")
    }
}

/// A passkey was asked, and its answer is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CeremonyRecord {
    /// Whose address it is about.
    pub email: String,
    /// What the user pool wants to see again: a text, for who has the secret, and empty where the pool was not asked. It was in plain text
    /// before.
    pub session: Encrypted,
    /// Until when the answer may come.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl CeremonyRecord {
    /// Primary key, by the hash of the secret that the browser holds meanwhile.
    pub fn key(hash: &str) -> Key {
        Key::new(format!("CEREMONY#{hash}"), "CEREMONY")
    }
}

/// The viewer's passkeys.
pub async fn passkeys(table: &Table, viewer: &Viewer) -> Result<Vec<Passkey>, Failure> {
    let there = listed(table, &viewer.signed_in()?.account.id).await?.into_iter();
    Ok(there
        .map(|passkey| Passkey {
            id: passkey.id,
            device: passkey.device,
            made_at: passkey.made_at,
        })
        .collect())
}

async fn listed(table: &Table, account: &AccountId) -> Result<Vec<PasskeyRecord>, Failure> {
    let page = table
        .between(&format!("ACCOUNT#{account}"), "PASSKEY#", "PASSKEY#~", MOST)
        .await?;
    Ok(page.items)
}

/// Begins to add a passkey; answers what the browser is to make, as WebAuthn's JSON.
///
/// # Errors
/// [`Refusal::WrongPassword`], [`Refusal::WrongSecondCode`]; [`Refusal::TooMany`] where there are ten.
pub async fn begin(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    proof: Proof<'_>,
    client: &Client,
) -> Result<String, Failure> {
    let signed_in = viewer.signed_in()?;
    let token = token(table, identity, signed_in, proof, client).await?;
    if listed(table, &signed_in.account.id).await?.len() >= usize::try_from(MOST).unwrap_or_default() {
        return Err(Refusal::TooMany.into());
    }
    let options = identity.begin_passkey(&token).await?;
    let ends_at = now().plus_seconds(STEP_SECONDS);
    let key = MakingRecord::key(&signed_in.session.hash);
    let making = MakingRecord {
        token: signed_in.cipher.encrypt(&key, &token)?,
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key,
        item: &making,
        given: Given::Anything,
    };
    table.put(row).await?;
    Ok(options.to_string())
}

async fn token(
    table: &Table,
    identity: &Identity,
    signed_in: &SignedIn,
    proof: Proof<'_>,
    client: &Client,
) -> Result<String, Failure> {
    // By itself, before a guess is counted: who lacks the password must not use up what the second step takes.
    let challenge = password::prove(table, identity, signed_in, proof.password, client).await?;
    let email = Email::parse(&signed_in.account.email)?;
    let code: Option<String> = proof.code.map(|code| code.chars().filter(char::is_ascii_digit).collect());
    let code = code.as_deref().filter(|code| !code.is_empty());
    let guess = match challenge.and(code) {
        Some(_) => Some(guesses::count(table, identity, Of::SecondStep, &email, client).await?),
        None => None,
    };
    let token = identity.token(email.as_str(), proof.password, code).await?;
    if let Some(guess) = guess {
        guess.was_right().await?;
    }
    Ok(token)
}

/// Adds the passkey that the browser made.
///
/// # Errors
/// [`Refusal::SignInAgain`] where none was begun in this session, or too long ago; [`Refusal::WrongPasskey`].
pub async fn finish(table: &Table, identity: &Identity, viewer: &Viewer, answer: &str, client: &Client) -> Result<(), Failure> {
    let signed_in = viewer.signed_in()?;
    let key = MakingRecord::key(&signed_in.session.hash);
    let making: Option<MakingRecord> = table.take(&key).await?;
    let making = making.filter(|making| making.ends_at > now()).ok_or(Refusal::SignInAgain)?;
    let token: Option<String> = signed_in.cipher.decrypt(&key, &making.token);
    let token = token.ok_or(Refusal::SignInAgain)?;
    let (credential, id) = parsed(answer)?;
    let account = &signed_in.account.id;
    let record = PasskeyRecord {
        version: PasskeyRecord::VERSION,
        id,
        device: client.device.clone(),
        made_at: now(),
    };
    let key = PasskeyRecord::key(account, &record.id);
    // The row first: a passkey that works and is not listed could not be taken away.
    let new = table
        .put(Row {
            key: key.clone(),
            item: &record,
            given: Given::Absent,
        })
        .await?;
    if !new {
        return Err(Refusal::WrongPasskey.into());
    }
    if let Err(failure) = identity.add_passkey(&token, credential).await {
        table.forget(&key).await?;
        return Err(failure);
    }
    tell(table, account, true).await
}

/// Takes a passkey of the viewer's away.
///
/// # Errors
/// [`Refusal::NotFound`] for one that is not there; as [`begin`].
pub async fn remove(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    id: &str,
    proof: Proof<'_>,
    client: &Client,
) -> Result<(), Failure> {
    let signed_in = viewer.signed_in()?;
    let token = token(table, identity, signed_in, proof, client).await?;
    let account = &signed_in.account.id;
    let key = PasskeyRecord::key(account, id);
    let record: Option<PasskeyRecord> = table.get(&key).await?;
    let record = record.ok_or(Refusal::NotFound)?;
    identity.remove_passkey(&token, &record.id).await?;
    table.forget(&key).await?;
    tell(table, account, false).await
}

async fn tell(table: &Table, account: &AccountId, added: bool) -> Result<(), Failure> {
    outbox::ask(table, &To::Account(account.clone()), Notice::PasskeyChanged { added }).await
}

/// What a passkey of an address is asked. One without passkeys, or without an account, gets a question that no passkey can
/// answer, the same each time (WebAuthn Level 3, 14.6.2).
pub async fn ask(
    table: &Table,
    identity: &Identity,
    links: &LinkSigner,
    host: &str,
    email: &Email,
    client: &Client,
) -> Result<PasskeyQuestion, Failure> {
    limits::count(table, PASSKEYS, email, client).await?;
    let question = identity.ask_passkey(email.as_str()).await?;
    let (options, session) = match question {
        Some(question) => (question.options, question.session),
        None => (unanswerable(links, host, email)?, String::new()),
    };
    let secret = secrets::random_text()?;
    let key = CeremonyRecord::key(&secrets::hashed(&secret));
    let ends_at = now().plus_seconds(STEP_SECONDS);
    let ceremony = CeremonyRecord {
        email: email.as_str().to_owned(),
        session: Cipher::of(&secret).encrypt(&key, &session)?,
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key,
        item: &ceremony,
        given: Given::Absent,
    };
    table.put(row).await?;
    Ok(PasskeyQuestion {
        ceremony: secret,
        options: options.to_string(),
    })
}

fn unanswerable(links: &LinkSigner, host: &str, email: &Email) -> Result<Value, Failure> {
    Ok(json!({
        "challenge": secrets::random_text()?,
        "timeout": 180_000,
        "rpId": host,
        "allowCredentials": [{ "type": "public-key", "id": secrets::hashed(&links.sign(&format!("passkey:{}", email.as_str()))) }],
        "userVerification": "required",
    }))
}

/// Lets in whose passkey answered.
///
/// # Errors
/// [`Refusal::SignInAgain`] where nothing was asked, or too long ago; [`Refusal::WrongPasskey`].
pub async fn sign_in(
    table: &Table,
    identity: &Identity,
    ceremony: &str,
    answer: &str,
    arrival: Arrival<'_>,
) -> Result<Entered, Failure> {
    // Each question once.
    let key = CeremonyRecord::key(&secrets::hashed(ceremony));
    let asked: Option<CeremonyRecord> = table.take(&key).await?;
    let asked = asked.filter(|asked| asked.ends_at > now()).ok_or(Refusal::SignInAgain)?;
    let session: Option<String> = Cipher::of(ceremony).decrypt(&key, &asked.session);
    let session = session.ok_or(Refusal::SignInAgain)?;
    let (credential, _) = parsed(answer)?;
    if session.is_empty() {
        return Err(Refusal::WrongPasskey.into());
    }
    let email = Email::parse(&asked.email)?;
    match identity.prove_by_passkey(email.as_str(), &session, &credential).await? {
        Answer::Proven(proven) => sign_in::enter(table, proven, arrival).await.map(Entered::In),
        Answer::SecondStep { challenge } => sign_in::ask_second_step(table, &email, &challenge, arrival)
            .await
            .map(Entered::Half),
    }
}

/// A browser's answer, and the credential's name in it.
fn parsed(answer: &str) -> Result<(Value, String), Failure> {
    if answer.len() > ANSWER_BYTES {
        return Err(Refusal::WrongPasskey.into());
    }
    let credential: Value = serde_json::from_str(answer).map_err(|_| Refusal::WrongPasskey)?;
    let id = credential["id"].as_str().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if id.is_empty() || id.len() > ID_CHARS || !id.chars().all(is_name) {
        return Err(Refusal::WrongPasskey.into());
    }
    let id = id.to_owned();
    Ok((credential, id))
}
