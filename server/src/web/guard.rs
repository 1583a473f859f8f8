//! What is looked at before any handler.

use super::{Web, cookies};
use crate::accounts::{Viewer, session};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::refusals::Refusal;
use tracing::{error, warn};

/// Finds out who asks, for every handler behind it.
pub async fn know_the_viewer(State(web): State<Web>, mut request: Request<Body>, next: Next) -> Response {
    let viewer = match cookies::session_of(request.headers()) {
        Some(secret) => session::viewer(&web.0.table, secret).await,
        None => Ok(Viewer::NoOne),
    };
    match viewer {
        Ok(viewer) => {
            request.extensions_mut().insert(viewer);
            next.run(request).await
        }
        Err(failure) => {
            error!(%failure, "could not find out who asks");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
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
    use axum::http::{HeaderName, HeaderValue};

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
