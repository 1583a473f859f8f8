//! The HTML document around the app, and its security headers.

use crate::App;
use crate::ui::messages;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use leptos::hydration::{AutoReload, HydrationScripts};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::{HashedStylesheet, MetaTags};

/// Origins that pages may connect to besides their own. The server provides it as context of each request.
#[derive(Debug, Clone, Default)]
pub struct Addresses {
    /// The origins of the socket, of the originals' bucket and, in development, of the watch server's socket.
    pub connect: Vec<String>,
}

/// After a reload, history still has entries of client-side navigation. Until the page is hydrated, going back to one of them reloads it
/// from the server; a fragment of the same page does not. The client hydrates a page only at the address that it was rendered for, and
/// then removes this listener.
const RELOAD_ON_POPSTATE: &str = "{
    const { dataset } = document.documentElement;
    const address = () => location.pathname + location.search;
    dataset.madeFor = address();
    onpopstate = (event) => {
        event.stopImmediatePropagation();
        if (address() !== dataset.madeFor) location.reload();
    };
}";

/// The document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    set_security_headers();
    view! {
        <!DOCTYPE html>
        <html lang=messages::LANGUAGE>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#f6f5f3" media="(prefers-color-scheme: light)"/>
                <meta name="theme-color" content="#141413" media="(prefers-color-scheme: dark)"/>
                <meta name="robots" content="noindex"/>
                <meta name="description" content=messages::DESCRIPTION/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="manifest" href="/assets/app.webmanifest"/>
                <script nonce=use_nonce()>{RELOAD_ON_POPSTATE}</script>
                <HashedStylesheet id="leptos" options=options.clone()/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Sets the security headers of the response. There is none outside of a request, as when routes are listed.
fn set_security_headers() {
    let Some(response) = use_context::<ResponseOptions>() else {
        return;
    };
    let nonce = use_nonce().map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    let policy = policy(&nonce, &use_context::<Addresses>().unwrap_or_default());
    let fixed = [
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "private, no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        response.insert_header(name, HeaderValue::from_static(value));
    }
    // Origins that are no valid header value are misconfigured: then nothing may load.
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    response.insert_header(CONTENT_SECURITY_POLICY, policy);
}

fn policy(nonce: &str, addresses: &Addresses) -> String {
    let connect = addresses.connect.join(" ");
    format!(
        "default-src 'self'; script-src 'self'{nonce} 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'{nonce}; \
         img-src 'self' data: blob:; connect-src 'self' {connect}; frame-ancestors 'none'; base-uri 'none'; \
         form-action 'self'; object-src 'none'"
    )
}
