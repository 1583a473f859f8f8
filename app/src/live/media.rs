//! Renews the media cookie while the page is visible.

use super::session::{following, reload_page};
use crate::accounts::api::renew_media;
use crate::ui::error::RequestError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::user_error::UserError;
use std::cell::Cell;
use std::time::Duration;

/// The cookie lasts ten minutes.
const INTERVAL: Duration = Duration::from_secs(5 * 60);

thread_local! {
    static STARTED: Cell<bool> = const { Cell::new(false) };
}

/// Starts renewing the cookie every few minutes while the page is visible, and when it becomes visible. Called again, it does nothing.
pub fn start() {
    if STARTED.replace(true) {
        return;
    }
    set_interval(renew, INTERVAL);
    // The document's event; it bubbles.
    let _ = window_event_listener_untyped("visibilitychange", |_| renew());
}

fn renew() {
    if !following() || document().visibility_state() != web_sys::VisibilityState::Visible {
        return;
    }
    spawn_local(async {
        // The session has ended, perhaps in another window.
        if renew_media().await == Err(RequestError::Refused(UserError::SignInFirst)) {
            reload_page();
        }
    });
}
