//! The cookies: the session, the right to see renditions, for a while who owes a second step or is away at another provider, and the
//! addresses that a browser signed in as (`accounts/device_cookie.rs`). Signing out leaves the last.

use crate::accounts::client::Client;
use crate::accounts::device_cookie::DEVICE_SECONDS;
use crate::accounts::federated::PROVIDER_SECONDS;
use crate::accounts::session::{SESSION_SECONDS, Secret};
use crate::accounts::sign_in::{NewSession, STEP_SECONDS};
use crate::accounts::sign_up::Email;
use crate::failure::Failure;
use crate::photos::links::{COOKIE_SECONDS, Signer};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use model::time::Time;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

const SESSION: &str = "__Host-session";
const MEDIA: &str = "__Host-media";
const STEP: &str = "__Host-step";
const PROVIDER: &str = "__Host-provider";
const DEVICE: &str = "__Host-device";

fn cookie(name: &str, value: &str, seconds: i64) -> String {
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}")
}

/// Begins a session in the browser.
fn session(secret: &Secret) -> String {
    cookie(SESSION, &secret.0, SESSION_SECONDS)
}

/// Lets the browser see renditions for another while.
pub fn media(signer: &Signer, now: Time) -> String {
    cookie(MEDIA, &signer.cookie(now), COOKIE_SECONDS)
}

/// Says who owes a second step.
pub fn step(secret: &Secret) -> String {
    cookie(STEP, &secret.0, STEP_SECONDS)
}

/// Nobody owes one any more.
pub fn no_step() -> String {
    cookie(STEP, "", 0)
}

/// Knows the browser again that goes to another provider.
pub fn provider(secret: &Secret) -> String {
    cookie(PROVIDER, &secret.0, PROVIDER_SECONDS)
}

/// All that a browser is given with a new session.
pub fn new_session(new: &NewSession, client: &Client, signer: &Signer, now: Time) -> Result<Vec<String>, Failure> {
    let device = device(client, &new.email, now)?;
    let both = [session(&new.secret), media(signer, now)];
    Ok(both.into_iter().chain(device).collect())
}

/// Knows the browser again that has just signed in as an address; none where device cookies have no key yet.
pub fn device(client: &Client, email: &Email, now: Time) -> Result<Option<String>, Failure> {
    let value = client.device_cookie.signed_in(&email.hash(), now)?;
    Ok(value.map(|value| cookie(DEVICE, &value, DEVICE_SECONDS)))
}

/// A session that is used lasts longer.
pub fn lasting(secret: &str, seconds: i64) -> String {
    cookie(SESSION, secret, seconds)
}

/// Whether headers say anything about the session already.
pub fn set_the_session(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .into_iter()
        .any(|line| line.strip_prefix(SESSION).is_some_and(|rest| rest.starts_with('=')))
}

/// The session's secret that a request carries.
pub fn session_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, SESSION)
}

/// The secret of who owes a second step.
pub fn step_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, STEP)
}

/// The secret of a browser that went to another provider.
pub fn provider_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, PROVIDER)
}

/// What a browser that signed in before says of itself.
pub fn device_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, DEVICE)
}

fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Adds a cookie to headers.
pub fn append(headers: &mut HeaderMap, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        headers.append(SET_COOKIE, value);
    }
}

/// Adds a cookie to the answer of the server function at hand.
pub fn answer_with(cookie: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(cookie)) {
        response.append_header(SET_COOKIE, value);
    }
}

/// Answers that the session is over: session and media are taken away, and so are the files of uploads that pages keep in the
/// browser. Whoever uses it next could look at them.
pub fn answer_with_none() {
    answer_with(&cookie(SESSION, "", 0));
    answer_with(&cookie(MEDIA, "", 0));
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(CLEAR_SITE_DATA, HeaderValue::from_static("\"storage\""));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_session_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(
            COOKIE,
            HeaderValue::from_static("a=b; __Host-session=secret; __Host-sessions=no"),
        );
        assert_eq!(session_of(&headers), Some("secret"));
        headers.insert(COOKIE, HeaderValue::from_static("x__Host-session=secret"));
        assert_eq!(session_of(&headers), None);
    }
}
