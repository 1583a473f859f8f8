//! Coming in by another provider: there with an errand that this browser alone can finish, and back with a proof.

use super::client::Client;
use super::identities;
use super::invitation;
use super::limits::{self, OAUTH_ATTEMPTS};
use super::password;
use super::records::AccountRecord;
use super::second_step::{self, Proof};
use super::session::Secret;
use super::sign_in::{self, Arrival, NewSession};
use super::sign_up::{self, Email, Right};
use super::site;
use super::viewer::Viewer;
use crate::aws::hosted::{Errand, Hosted, Known};
use crate::aws::identity::{Identity, Proven};
use crate::aws::table::{Given, Key, Row, Table};
use crate::encrypted::{Cipher, Encrypted};
use crate::failure::Failure;
use crate::notices::outbox::{self, To};
use crate::{now, secrets};
use model::accounts::{Admission, Waiting, Ways};
use model::addresses::OwnPath;
use model::ids::AccountId;
use model::notices::Notice;
use model::refusals::Refusal;
use model::time::Time;
use serde::{Deserialize, Serialize};

/// How long somebody may be away at a provider, and how long what it said waits to be linked.
pub const PROVIDER_SECONDS: i64 = 10 * 60;

/// Characters of the secret that a browser holds; whatever else stands in its cookie is none of ours.
const BROWSER_CHARS: usize = 43;

/// Somebody is on their way to a provider and back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrandRecord {
    /// The provider.
    pub provider: String,
    /// Hash of the secret that the browser holds meanwhile.
    pub browser: String,
    /// [`Checks`], for the browser. They were in plain text before, and are not read from there.
    #[serde(default)]
    pub checks: Encrypted,
    /// The account that it is to be linked to, where somebody signed in asks for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Where they want to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Until when they may come back.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl ErrandRecord {
    /// Primary key, by the hash of the state.
    pub fn key(hash: &str) -> Key {
        Key::new(format!("ERRAND#{hash}"), "ERRAND")
    }
}

/// What shows that what comes back from a provider belongs to the errand.
#[derive(Serialize, Deserialize)]
pub struct Checks {
    /// What the token must say.
    nonce: String,
    /// What the code is exchanged with.
    verifier: String,
}

/// A provider's user who waits to be linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRecord {
    /// The provider.
    pub provider: String,
    /// Hash of provider and user.
    pub identity: String,
    /// What the user pool calls the user that it made for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The address there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The account that asked for it. Where none did, it is that of the address, which the provider says was proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Until when it may be linked.
    pub ends_at: Time,
    /// DynamoDB TTL, in epoch seconds.
    pub ttl: i64,
}

impl WaitingRecord {
    /// Primary key, by the hash of the secret that the browser holds.
    pub fn key(hash: &str) -> Key {
        Key::new(format!("WAITING#{hash}"), "WAITING")
    }
}

/// What somebody wants of a provider.
pub struct Wish<'a> {
    /// The provider's name, as they wrote it.
    pub provider: &'a str,
    /// Whether they want to link it to the account they are signed in with.
    pub link: bool,
    /// Where they want to go.
    pub to: Option<OwnPath>,
}

/// Sends somebody on an errand; answers where to, and the secret that their browser holds meanwhile.
///
/// # Errors
/// [`Refusal::NotFound`] for a provider that is not set up; [`Refusal::TooMany`].
pub async fn go(
    table: &Table,
    hosted: Option<&Hosted>,
    viewer: &Viewer,
    wish: Wish<'_>,
    browser: Option<&str>,
    client: &Client,
) -> Result<(String, Secret), Failure> {
    let hosted = hosted.ok_or(Refusal::NotFound)?;
    let provider = hosted.providers().iter().find(|known| *known == wish.provider);
    let provider = provider.ok_or(Refusal::NotFound)?.clone();
    limits::count_by_address(table, OAUTH_ATTEMPTS, client).await?;
    let account = match wish.link {
        true => Some(viewer.signed_in()?.account.id.clone()),
        false => None,
    };
    let state = secrets::random_text()?;
    let checks = Checks {
        nonce: secrets::random_text()?,
        verifier: secrets::random_text()?,
    };
    // Two windows of a browser may be on errands at once, with one secret.
    let browser = match browser.filter(|secret| secret.len() == BROWSER_CHARS) {
        Some(known) => known.to_owned(),
        None => secrets::random_text()?,
    };
    let key = ErrandRecord::key(&secrets::hashed(&state));
    let ends_at = now().plus_seconds(PROVIDER_SECONDS);
    let errand = ErrandRecord {
        browser: secrets::hashed(&browser),
        provider,
        checks: Cipher::of(&browser).encrypt(&key, &checks)?,
        account,
        to: wish.to.map(|to| to.as_str().to_owned()),
        ends_at,
        ttl: ends_at.seconds(),
    };
    table
        .put(Row {
            key,
            item: &errand,
            given: Given::Absent,
        })
        .await?;
    Ok((hosted.address(&errand.with(&state, &checks)), Secret(browser)))
}

/// Ends an errand; answers what it was, and what comes back from it is checked with.
///
/// # Errors
/// [`Refusal::ProviderTooLate`] for one that is over, or another browser's.
pub async fn finish(table: &Table, state: &str, browser: Option<&str>) -> Result<(ErrandRecord, Checks), Failure> {
    let key = ErrandRecord::key(&secrets::hashed(state));
    let errand: Option<ErrandRecord> = table.get(&key).await?;
    let browser = browser.unwrap_or_default();
    let hash = secrets::hashed(browser);
    let own = errand.filter(|errand| errand.ends_at > now() && secrets::same(&errand.browser, &hash));
    own.ok_or(Refusal::ProviderTooLate)?;
    // Of two who come back at once, one takes it.
    let taken: Option<ErrandRecord> = table.take(&key).await?;
    let errand = taken.ok_or(Refusal::ProviderTooLate)?;
    let checks = Cipher::of(browser).decrypt(&key, &errand.checks);
    Ok((errand, checks.ok_or(Refusal::ProviderTooLate)?))
}

/// How far somebody came.
pub enum Came {
    /// They are in.
    In(NewSession),
    /// It waits to be linked, by a sign-in.
    SignInFirst,
    /// It waits to be linked, by the proof of who is signed in.
    ToLink,
}

/// Lets in whom a provider proves, or has what it says wait to be linked.
///
/// # Errors
/// [`Refusal::EmailNotProven`], [`Refusal::LinkedElsewhere`]; [`Refusal::Closed`] and [`Refusal::NoOwnerYet`] for who is new.
pub async fn let_in(
    table: &Table,
    identity: &Identity,
    known: Known,
    errand: &ErrandRecord,
    browser: &str,
    client: &Client,
) -> Result<Came, Failure> {
    let hash = identities::hash(&known);
    let linked = identities::account_of(table, &hash).await?;
    let email = known.email.as_deref().and_then(|text| Email::parse(text).ok());
    match (&errand.account, linked) {
        (Some(account), Some(linked)) if linked.id != *account => Err(Refusal::LinkedElsewhere.into()),
        (Some(_), _) => {
            wait(table, &known, hash, email, errand.account.clone(), browser).await?;
            Ok(Came::ToLink)
        }
        (None, Some(account)) => enter(table, account.id, account.email, client).await,
        (None, None) => {
            let email = email.filter(|_| known.email_proved).ok_or(Refusal::EmailNotProven)?;
            if identity.knows(email.as_str()).await? {
                wait(table, &known, hash, Some(email), None, browser).await?;
                return Ok(Came::SignInFirst);
            }
            let account = welcome(table, identity, &email).await?;
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
            enter(table, account, email, client).await
        }
    }
}

async fn enter(table: &Table, id: AccountId, email: String, client: &Client) -> Result<Came, Failure> {
    let arrival = Arrival {
        client,
        zone: None,
        to: None,
    };
    sign_in::enter(table, Proven { id, email }, arrival).await.map(Came::In)
}

/// Makes the user of a proved address, if whoever has it may come in. Nobody knows its password: one is chosen by mail.
async fn welcome(table: &Table, identity: &Identity, email: &Email) -> Result<AccountId, Failure> {
    match site::admission(table).await? {
        Admission::Owner => return Err(Refusal::NoOwnerYet.into()),
        Admission::Open => {}
        Admission::Closed => {
            let invitation = invitation::of_address(table, email).await?;
            invitation.ok_or(Refusal::Closed)?;
        }
    }
    sign_up::remember(table, email, Right::invited()).await?;
    identity.admit(email.as_str(), &secrets::random_text()?).await?;
    // Last, so that one that was cut off can be taken again.
    invitation::use_up(table, email).await?;
    Ok(identity.account(email.as_str()).await?.id)
}

async fn wait(
    table: &Table,
    known: &Known,
    identity: String,
    email: Option<Email>,
    account: Option<AccountId>,
    browser: &str,
) -> Result<(), Failure> {
    let ends_at = now().plus_seconds(PROVIDER_SECONDS);
    let waiting = WaitingRecord {
        provider: known.provider.clone(),
        identity,
        username: Some(known.username.clone()),
        email: email.map(|email| email.as_str().to_owned()),
        account,
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key: WaitingRecord::key(&secrets::hashed(browser)),
        item: &waiting,
        given: Given::Anything,
    };
    table.put(row).await.map(drop)
}

async fn waiting(table: &Table, browser: Option<&str>) -> Result<Option<WaitingRecord>, Failure> {
    let Some(browser) = browser else { return Ok(None) };
    let waiting: Option<WaitingRecord> = table.get(&WaitingRecord::key(&secrets::hashed(browser))).await?;
    Ok(waiting.filter(|waiting| waiting.ends_at > now()))
}

/// Links what waits in this browser to the account that it just signed in to, if that is the address' own.
pub async fn settle(table: &Table, account: &AccountRecord, browser: Option<&str>) -> Result<(), Failure> {
    let Some(waiting) = waiting(table, browser).await? else {
        return Ok(());
    };
    if waiting.account.is_some() || waiting.email.as_deref() != Some(account.email.as_str()) {
        return Ok(());
    }
    link(table, &account.id, waiting, browser).await
}

/// Links what waits in this browser to the viewer's account, by their password, and by a code where a second step is on, which who
/// comes by a provider is not asked for.
///
/// # Errors
/// [`Refusal::ProviderTooLate`] when nothing waits that the viewer asked for; as [`second_step::confirm`].
pub async fn link_by_proof(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    proof: Proof<'_>,
    browser: Option<&str>,
    client: &Client,
) -> Result<(), Failure> {
    let signed_in = viewer.signed_in()?;
    let account = &signed_in.account.id;
    let own = waiting(table, browser)
        .await?
        .filter(|waiting| waiting.account.as_ref() == Some(account));
    let own = own.ok_or(Refusal::ProviderTooLate)?;
    // Before the proof: a recovery code is of use once.
    identities::linkable(table, account, &own.identity).await?;
    second_step::confirm(table, identity, signed_in, proof, client).await?;
    link(table, account, own, browser).await
}

async fn link(table: &Table, account: &AccountId, waiting: WaitingRecord, browser: Option<&str>) -> Result<(), Failure> {
    let provider = waiting.provider.clone();
    identities::link(
        table,
        account,
        waiting.provider,
        &waiting.identity,
        waiting.email,
        waiting.username,
    )
    .await?;
    tell(table, account, provider, true).await?;
    let key = WaitingRecord::key(&secrets::hashed(browser.unwrap_or_default()));
    table.take::<WaitingRecord>(&key).await.map(drop)
}

/// Takes a link of the viewer's account away, by their password: so there is always one, and the last way in stays.
pub async fn unlink(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    id: &str,
    password: &str,
    client: &Client,
) -> Result<(), Failure> {
    let signed_in = viewer.signed_in()?;
    password::prove(table, identity, signed_in, password, client).await?;
    let account = &signed_in.account.id;
    let provider = identities::unlink(table, account, id).await?;
    tell(table, account, provider, false).await
}

async fn tell(table: &Table, account: &AccountId, provider: String, added: bool) -> Result<(), Failure> {
    let notice = Notice::ProviderChanged { provider, added };
    outbox::ask(table, &To::Account(account.clone()), notice).await
}

/// The providers that are set up.
pub fn providers(hosted: Option<&Hosted>) -> Vec<String> {
    hosted.map(|hosted| hosted.providers().to_vec()).unwrap_or_default()
}

/// The ways into the viewer's account.
pub async fn ways(table: &Table, hosted: Option<&Hosted>, viewer: &Viewer, browser: Option<&str>) -> Result<Ways, Failure> {
    let account = &viewer.signed_in()?.account.id;
    let (waiting, linked) = tokio::try_join!(waiting(table, browser), identities::linked(table, account))?;
    Ok(Ways {
        linked,
        providers: providers(hosted),
        waiting: waiting
            .filter(|waiting| waiting.account.as_ref() == Some(account))
            .map(|waiting| Waiting {
                provider: waiting.provider,
                email: waiting.email,
            }),
    })
}

impl ErrandRecord {
    /// The errand, as the hosted pages know it.
    pub fn with<'a>(&'a self, state: &'a str, checks: &'a Checks) -> Errand<'a> {
        Errand {
            provider: &self.provider,
            state,
            nonce: &checks.nonce,
            verifier: &checks.verifier,
        }
    }
}
