//! Redirects.

use super::{cookies, security_headers};
use crate::error::AppError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cookie::Cookie;
use model::addresses::OwnPath;

/// Redirects to an address and sets cookies. Neither cached nor sent on as `Referer`.
pub fn redirect(address: &str, cookies: &[Cookie<'static>]) -> Response {
    let Ok(location) = HeaderValue::from_str(address) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    security_headers::set_for_redirect(headers);
    cookies.iter().for_each(|cookie| cookies::append(headers, cookie));
    response
}

/// Redirects to a page that shows the error; `to` is where to go after that.
pub fn redirect_with_error(error: AppError, page: &str, to: Option<&OwnPath>) -> Response {
    let code = app::ui::error_code(&error.into());
    let pairs = [("why", code.as_str()), ("to", to.map_or("", OwnPath::as_str))];
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()))
        .finish();
    redirect(&format!("{page}?{query}"), &[])
}
