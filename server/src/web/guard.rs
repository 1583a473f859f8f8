//! Middleware: authentication by cookie, and protection against CSRF.

use super::visitor::Visitor;
use super::{Web, cookies, page_rows};
use crate::accounts::device_cookie::DeviceCookie;
use crate::accounts::{Client, Viewer, session};
use crate::signing_keys::DeviceSigner;
use app::ui::error::RequestError;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, Request, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use lambda_http::request::RequestContext;
use model::user_error::UserError;
use tracing::{error, warn};

/// Authenticates the request by its session cookie, and extends the session.
pub async fn authenticate(State(web): State<Web>, mut request: Request<Body>, next: Next) -> Response {
    let secret = cookies::session_of(request.headers()).map(str::to_owned);
    let session = secret.as_deref().map(session::rows_of).unwrap_or_default();
    let table = web
        .0
        .table
        .batched([session, page_rows::rows_of_path(request.uri().path())].concat());
    let viewer = match &secret {
        Some(secret) => session::viewer(&table, secret).await,
        None => Ok(Viewer::Anonymous),
    };
    let viewer = match viewer {
        Ok(viewer) => viewer,
        Err(error) => {
            error!(failure = %error, "could not authenticate");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let lifetime = session::touch(&table, &viewer).await.unwrap_or_else(|error| {
        warn!(failure = %error, "could not extend a session");
        None
    });
    let visitor = Visitor {
        client: client(&request, &web.0.devices),
        pending_sign_in: cookies::step_of(request.headers()).map(str::to_owned),
        provider: cookies::provider_of(request.headers()).map(str::to_owned),
        viewer,
        table,
    };
    request.extensions_mut().insert(visitor);
    let mut response = next.run(request).await;
    if let (Some(secret), Some(seconds)) = (secret, lifetime)
        && !cookies::sets_session(response.headers())
    {
        cookies::append(response.headers_mut(), &cookies::extended_session(&secret, seconds));
    }
    response
}

/// The client. Its headers can be trusted, as `edge.rs` rejects requests that bypass the distribution.
fn client(request: &Request<Body>, devices: &DeviceSigner) -> Client {
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let peer = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    };
    let forwarded_for = text(HeaderName::from_static("x-forwarded-for"));
    let device_cookie = DeviceCookie::read(devices, cookies::device_of(request.headers()).unwrap_or_default());
    Client::read(
        text(header::USER_AGENT),
        forwarded_for,
        &peer.unwrap_or_default(),
        device_cookie,
    )
}

/// CSRF protection: rejects unsafe methods from other origins.
pub async fn require_same_origin(State(web): State<Web>, request: Request<Body>, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || is_same_origin(request.headers(), &web.0.address) {
        next.run(request).await
    } else {
        warn!(origin = ?request.headers().get(header::ORIGIN), path = request.uri().path(), "refused: from another site");
        let error = RequestError::from(UserError::CrossSite);
        (error.status(), app::ui::error_text(&error)).into_response()
    }
}

/// Browsers send `Origin` with every POST, and scripts cannot change it.
fn is_same_origin(headers: &HeaderMap, address: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let same_site = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    same_site && text("origin") == Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_same_origin_requests_are_accepted() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            pairs
                .iter()
                .map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v)))
                .collect()
        };
        let site = "https://site.example";
        assert!(is_same_origin(&headers(&[("origin", site)]), site));
        assert!(is_same_origin(
            &headers(&[("origin", site), ("sec-fetch-site", "same-origin")]),
            site
        ));
        for bad in [
            vec![],
            vec![("origin", "null")],
            vec![("origin", "https://other.example")],
            vec![("origin", "https://site.example.other.example")],
            vec![("origin", site), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!is_same_origin(&headers(&bad), site), "{bad:?}");
        }
    }
}
