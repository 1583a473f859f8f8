//! What is looked at before any handler.

use super::{Web, cookies, page_rows};
use crate::accounts::device_cookie::DeviceCookie;
use crate::accounts::{Client, Viewer, session};
use crate::aws::table::Table;
use crate::keys::DeviceSigner;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, Request, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use lambda_http::request::RequestContext;
use model::refusals::Refusal;
use tracing::{error, warn};

/// Who asks, and from where, for every handler behind.
#[derive(Clone)]
pub struct Visitor {
    /// Who asks.
    pub viewer: Viewer,
    /// The browser.
    pub client: Client,
    /// The secret of somebody who owes a second step.
    pub half: Option<String>,
    /// The secret of somebody who is at another provider, or was just there.
    pub provider: Option<String>,
    /// The table, as far as it was read to find out who asks: with what the page at hand shows of it.
    pub table: Table,
}

/// Finds out who asks, and lets a session last that is used.
pub async fn know_the_visitor(State(web): State<Web>, mut request: Request<Body>, next: Next) -> Response {
    let secret = cookies::session_of(request.headers()).map(str::to_owned);
    let session = secret.as_deref().map(session::rows_of).unwrap_or_default();
    let table = web
        .0
        .table
        .batched([session, page_rows::of_path(request.uri().path())].concat());
    let viewer = match &secret {
        Some(secret) => session::viewer(&table, secret).await,
        None => Ok(Viewer::NoOne),
    };
    let viewer = match viewer {
        Ok(viewer) => viewer,
        Err(failure) => {
            error!(%failure, "could not find out who asks");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let lasts = session::touch(&table, &viewer).await.unwrap_or_else(|failure| {
        warn!(%failure, "a session's use was not written down");
        None
    });
    let visitor = Visitor {
        client: client(&request, &web.0.devices),
        half: cookies::step_of(request.headers()).map(str::to_owned),
        provider: cookies::provider_of(request.headers()).map(str::to_owned),
        viewer,
        table,
    };
    request.extensions_mut().insert(visitor);
    let mut response = next.run(request).await;
    if let (Some(secret), Some(seconds)) = (secret, lasts)
        && !cookies::set_the_session(response.headers())
    {
        cookies::append(response.headers_mut(), &cookies::lasting(&secret, seconds));
    }
    response
}

/// The browser, as the distribution passed it on: no other request comes here.
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

/// Lets a request that changes something through only if it comes from a page of this site.
pub async fn refuse_other_sites(State(web): State<Web>, request: Request<Body>, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || from_this_site(request.headers(), &web.0.address) {
        next.run(request).await
    } else {
        warn!(origin = ?request.headers().get(header::ORIGIN), path = request.uri().path(), "refused: from another site");
        (StatusCode::FORBIDDEN, app::ui::refusal(&Refusal::CrossSite)).into_response()
    }
}

/// Browsers send `Origin` with every POST, and it cannot be set by a page's script.
fn from_this_site(headers: &HeaderMap, address: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let same_site = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    same_site && text("origin") == Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_this_site_may_change_something() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            pairs
                .iter()
                .map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v)))
                .collect()
        };
        let here = "https://here.example";
        assert!(from_this_site(&headers(&[("origin", here)]), here));
        assert!(from_this_site(
            &headers(&[("origin", here), ("sec-fetch-site", "same-origin")]),
            here
        ));
        for bad in [
            vec![],
            vec![("origin", "null")],
            vec![("origin", "https://there.example")],
            vec![("origin", "https://here.example.there.example")],
            vec![("origin", here), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!from_this_site(&headers(&bad), here), "{bad:?}");
        }
    }
}
