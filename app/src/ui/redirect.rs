//! Redirects of server functions, in the browser.

use super::form::FormResults;
use leptos::prelude::*;
use leptos::server_fn::redirect::set_redirect_hook;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// Follows redirects of server functions. One to the current page reports a result there: it keeps the scroll position and replaces the
/// history entry. Called before the router is created, whose own hook would scroll to the top.
pub fn follow_redirects(results: FormResults) {
    let owner = Owner::current();
    let hook = move |to: &str| {
        let Some(owner) = owner.clone() else { return };
        let to = to.to_owned();
        // After the action has its value.
        request_animation_frame(move || {
            owner.with(|| go(&to));
            // After the page shows its result, which may take the focus.
            request_animation_frame(move || results.record_redirect());
        });
    };
    // Fails if a hook is set already; only this sets one.
    let _ = set_redirect_hook(hook);
}

fn go(to: &str) {
    let navigate = use_navigate();
    let without_fragment = to.split('#').next().unwrap_or_default();
    let path = without_fragment.split('?').next().unwrap_or_default();
    if window().location().pathname().is_ok_and(|current| current == path) {
        let stay = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(without_fragment, stay);
    } else {
        navigate(to, NavigateOptions::default());
    }
}
