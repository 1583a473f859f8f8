//! The cookies: session, access to renditions, pending second step, OAuth attempts, and device (`accounts/device_cookie.rs`), which
//! survives sign-out.

use crate::accounts::client::Client;
use crate::accounts::device_cookie::DEVICE_SECONDS;
use crate::accounts::email::Email;
use crate::accounts::federated::PROVIDER_SECONDS;
use crate::accounts::session::{SESSION_SECONDS, Secret};
use crate::accounts::sign_in::{NewSession, STEP_SECONDS};
use crate::error::AppError;
use crate::photos::links::{COOKIE_SECONDS, Signer};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use model::time::Time;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

const SESSION: &str = "__Host-session";
const MEDIA: &str = "__Host-media";
const STEP: &str = "__Host-step";
const PROVIDER: &str = "__Host-provider";
const DEVICE: &str = "__Host-device";

fn cookie(name: &'static str, value: &str, seconds: i64) -> Cookie<'static> {
    Cookie::build((name, value.to_owned()))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(seconds))
        .build()
}

/// The session cookie.
fn session(secret: &Secret) -> Cookie<'static> {
    cookie(SESSION, &secret.0, SESSION_SECONDS)
}

/// Renews the access to renditions.
pub fn media(signer: &Signer, now: Time) -> Cookie<'static> {
    cookie(MEDIA, &signer.cookie(now), COOKIE_SECONDS)
}

/// The cookie of a pending second step.
pub fn step(secret: &Secret) -> Cookie<'static> {
    cookie(STEP, &secret.0, STEP_SECONDS)
}

/// Deletes the cookie of a pending second step.
pub fn clear_step() -> Cookie<'static> {
    cookie(STEP, "", 0)
}

/// The cookie of OAuth attempts.
pub fn provider(secret: &Secret) -> Cookie<'static> {
    cookie(PROVIDER, &secret.0, PROVIDER_SECONDS)
}

/// The cookies of a new session.
pub fn new_session(new: &NewSession, client: &Client, signer: &Signer, now: Time) -> Result<Vec<Cookie<'static>>, AppError> {
    let device = device(client, &new.email, now)?;
    let cookies = [session(&new.secret), media(signer, now)];
    Ok(cookies.into_iter().chain(device).collect())
}

/// The device cookie after a sign-in with an address; `None` without a signing key.
pub fn device(client: &Client, email: &Email, now: Time) -> Result<Option<Cookie<'static>>, AppError> {
    let value = client.device_cookie.signed_in(&email.hash(), now)?;
    Ok(value.map(|value| cookie(DEVICE, &value, DEVICE_SECONDS)))
}

/// The session cookie with a new lifetime.
pub fn extended_session(secret: &str, seconds: i64) -> Cookie<'static> {
    cookie(SESSION, secret, seconds)
}

/// Whether the response already sets the session cookie.
pub fn sets_session(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(Cookie::parse).any(|cookie| cookie.name() == SESSION)
}

/// The value of the session cookie.
pub fn session_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, SESSION)
}

/// The secret of a pending second step.
pub fn step_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, STEP)
}

/// The secret of OAuth attempts.
pub fn provider_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, PROVIDER)
}

/// The value of the device cookie.
pub fn device_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, DEVICE)
}

fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name)?.value_raw()
}

/// Appends a `Set-Cookie` header.
pub fn append(headers: &mut HeaderMap, cookie: &Cookie<'_>) {
    if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
        headers.append(SET_COOKIE, value);
    }
}

/// Sets a cookie in the response of the current server function.
pub fn set_cookie(cookie: &Cookie<'_>) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(cookie.to_string())) {
        response.append_header(SET_COOKIE, value);
    }
}

/// Ends the session in the browser: deletes its cookies, and the files of pending uploads in the browser's storage, which the next user
/// could see.
pub fn clear_session() {
    set_cookie(&cookie(SESSION, "", 0));
    set_cookie(&cookie(MEDIA, "", 0));
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

    #[test]
    fn a_cookie_is_sent_only_to_this_host_and_hidden_from_scripts() {
        assert_eq!(
            cookie(SESSION, "secret", 60).to_string(),
            "__Host-session=secret; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"
        );
        assert!(clear_step().to_string().ends_with("; Max-Age=0"));
    }

    #[test]
    fn a_response_that_sets_the_session_is_recognized() {
        let mut headers = HeaderMap::new();
        append(&mut headers, &cookie(STEP, SESSION, 60));
        assert!(!sets_session(&headers));
        append(&mut headers, &extended_session("secret", 60));
        assert!(sets_session(&headers));
    }
}
