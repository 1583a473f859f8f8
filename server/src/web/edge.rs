//! Rejects requests that bypass the distribution, which sends a key in a header: on the HTTP API's own address, `X-Forwarded-For` can be
//! forged.

use super::Web;
use crate::signing_keys::EdgeKeys;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::warn;

/// The header that the distribution sets or overwrites; `infra/edge.yaml` names it, too.
const KEY: &str = "x-shoebox-edge";

/// Accepts only requests with a valid key.
pub async fn require_edge_key(State(web): State<Web>, mut request: Request<Body>, next: Next) -> Response {
    if take_key(request.headers_mut(), &web.0.edge) {
        next.run(request).await
    } else {
        warn!(path = request.uri().path(), "refused: not through the distribution");
        (StatusCode::FORBIDDEN, messages::NOT_THROUGH_THE_SITE).into_response()
    }
}

/// Whether a request has a valid key. Removes the key, so that no handler can log or show it.
fn take_key(headers: &mut HeaderMap, edge: &EdgeKeys) -> bool {
    let sent = headers.remove(KEY);
    sent.is_some_and(|sent| sent.to_str().is_ok_and(|sent| edge.contains(sent)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_key_is_checked_and_removed() {
        let secret = r#"{"media_keys": [], "edge_keys": [{"id": "1", "key": "right"}], "owner_code": ""}"#;
        let edge = EdgeKeys::new(&serde_json::from_str(secret).unwrap()).unwrap();
        let mut headers = HeaderMap::new();
        assert!(!take_key(&mut headers, &edge), "none");
        for (sent, valid) in [("right", true), ("wrong", false), ("", false), ("\u{e9}", false)] {
            headers.insert(KEY, HeaderValue::from_bytes(sent.as_bytes()).unwrap());
            assert_eq!(take_key(&mut headers, &edge), valid, "{sent}");
            assert!(headers.is_empty(), "{sent}");
        }
    }
}
