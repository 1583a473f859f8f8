//! The HTML document around the app.

use crate::App;
use crate::ui::messages;
use leptos::hydration::{AutoReload, HydrationScripts};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

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

/// Reloads the page once if a file of its build no longer exists on the server, as after a deploy long ago: pages are not cached, so the new
/// page names existing files. Without a connection it does nothing.
const RELOAD_FOR_NEW_BUILD: &str = include_str!("reload_for_new_build.js");

/// The document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
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
                <script nonce=use_nonce()>{RELOAD_FOR_NEW_BUILD}</script>
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
