//! The security headers of pages and redirects, with the content security policy. CloudFront adds others to every response, and overrides
//! `Referrer-Policy` and `X-Content-Type-Options` (`infra/edge.yaml`).

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use leptos::nonce::use_nonce;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;

const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Sets the headers of the page that is being rendered. It may connect to the origins `connect`, besides its own.
///
/// Must run in the Leptos context of the request, which alone has the nonce.
pub fn set_for_page(connect: &[String]) {
    let response: ResponseOptions = expect_context();
    let nonce = use_nonce();
    for (name, value) in page_headers(nonce.as_deref(), connect) {
        response.insert_header(name, value);
    }
}

/// Sets the headers of a redirect, whose address may be presigned: neither cached nor sent on as `Referer`.
pub fn set_for_redirect(headers: &mut HeaderMap) {
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

fn page_headers(nonce: Option<&str>, connect: &[String]) -> [(HeaderName, HeaderValue); 5] {
    // Origins that are no valid header value are misconfigured: then nothing may load.
    let policy = HeaderValue::from_str(&policy(nonce, connect)).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    [
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
        (CONTENT_SECURITY_POLICY, policy),
    ]
}

fn policy(nonce: Option<&str>, connect: &[String]) -> String {
    let nonce = nonce.map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    let connect = connect.join(" ");
    format!(
        "default-src 'self'; script-src 'self'{nonce} 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'{nonce}; \
         img-src 'self' data: blob:; connect-src 'self' {connect}; frame-ancestors 'none'; base-uri 'none'; \
         form-action 'self'; object-src 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy_of(nonce: Option<&str>, origin: &str) -> String {
        let headers: HeaderMap = page_headers(nonce, &[origin.to_owned()]).into_iter().collect();
        headers[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
    }

    #[test]
    fn scripts_and_styles_need_the_nonce_and_connections_a_known_origin() {
        let policy = policy_of(Some("once"), "wss://socket.example");
        let rules: Vec<_> = policy.split("; ").collect();
        for rule in [
            "script-src 'self' 'nonce-once' 'wasm-unsafe-eval'",
            "style-src 'self' 'nonce-once'",
            "connect-src 'self' wss://socket.example",
        ] {
            assert!(rules.contains(&rule), "{rule}: {policy}");
        }
    }

    #[test]
    fn with_an_invalid_origin_nothing_may_load() {
        assert_eq!(policy_of(Some("once"), "wss://socket.example\n"), "default-src 'none'");
    }
}
