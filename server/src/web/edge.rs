//! Requests come through the distribution, which proves itself by a key in a header. Others went past it, to the HTTP API's own address:
//! whom they say they speak for is invented.

use super::Web;
use crate::keys::EdgeKeys;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::warn;

/// The header that the distribution adds, in the place of one that a visitor sends; `infra/edge.yaml` names it, too.
const KEY: &str = "x-shoebox-edge";

/// Lets a request through only if the distribution sent it.
pub async fn refuse_others(State(web): State<Web>, mut request: Request<Body>, next: Next) -> Response {
    if take_key(request.headers_mut(), &web.0.edge) {
        next.run(request).await
    } else {
        warn!(path = request.uri().path(), "refused: not through the distribution");
        (StatusCode::FORBIDDEN, words::NOT_THROUGH_THE_SITE).into_response()
    }
}

/// Whether a request has one of the keys. It has none afterwards, so that nothing behind can log or show it.
fn take_key(headers: &mut HeaderMap, edge: &EdgeKeys) -> bool {
    let sent = headers.remove(KEY);
    sent.is_some_and(|sent| sent.to_str().is_ok_and(|sent| edge.contains(sent)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_key_goes_no_further_and_a_wrong_one_opens_nothing() {
        let secret = r#"{"media_keys": [], "edge_keys": [{"id": "1", "key": "right"}], "owner_code": ""}"#;
        let edge = EdgeKeys::new(&serde_json::from_str(secret).unwrap()).unwrap();
        let mut headers = HeaderMap::new();
        assert!(!take_key(&mut headers, &edge), "none");
        for (sent, taken) in [("right", true), ("wrong", false), ("", false), ("\u{e9}", false)] {
            headers.insert(KEY, HeaderValue::from_bytes(sent.as_bytes()).unwrap());
            assert_eq!(take_key(&mut headers, &edge), taken, "{sent}");
            assert!(headers.is_empty(), "{sent}");
        }
    }
}
