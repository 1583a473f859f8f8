//! Where an answer to a form leads, in the browser.

use super::form::Answered;
use leptos::prelude::*;
use leptos::server_fn::redirect::set_redirect_hook;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// Goes where server functions send the browser. An answer that leads to the page at hand tells there what was done: the window stays where
/// it is, and so does its history. Called before the router is made, which would go to the top of the page.
pub fn follow_redirects(answered: Answered) {
    let owner = Owner::current();
    let hook = move |to: &str| {
        let Some(owner) = owner.clone() else { return };
        let to = to.to_owned();
        // The action's value first.
        request_animation_frame(move || {
            owner.with(|| go(&to));
            // And then the page's words, which the focus may go to.
            request_animation_frame(move || answered.redirected());
        });
    };
    // It is set once, by this.
    let _ = set_redirect_hook(hook);
}

fn go(to: &str) {
    let navigate = use_navigate();
    let without_fragment = to.split('#').next().unwrap_or_default();
    let path = without_fragment.split('?').next().unwrap_or_default();
    if window().location().pathname().is_ok_and(|here| here == path) {
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
