//! Sending a browser elsewhere.

use super::cookies;
use super::fault::tell;
use crate::failure::Failure;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::addresses::OwnPath;

/// Sends the browser to an address, with these cookies. Neither caches nor the next page learn of the address that led there.
pub fn redirect(address: &str, cookies: &[String]) -> Response {
    let Ok(location) = HeaderValue::from_str(address) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    cookies.iter().for_each(|cookie| cookies::append(headers, cookie));
    response
}

/// Sends the browser to a page of ours that says why it cannot go on; `to` is where it wanted to go from there.
pub fn turn_back(failure: Failure, page: &str, to: Option<&OwnPath>) -> Response {
    let why = app::ui::word_for(&tell(failure));
    let pairs = [("why", why.as_str()), ("to", to.map_or("", OwnPath::as_str))];
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()))
        .finish();
    redirect(&format!("{page}?{query}"), &[])
}
