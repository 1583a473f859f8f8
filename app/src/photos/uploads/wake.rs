//! What a window does when somebody is signed in: it takes over what was left, and listens.

use super::choose::pasted;
use super::files::adopt;
use super::pace::nudge;
use super::queue::Uploads;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use wasm_bindgen_futures::JsFuture;
use web_sys::VisibilityState;

/// Takes what is shared with the app from a phone's share sheet. It has a folder of its own, so that it never stands between
/// a page and the server.
const SHARE_TARGET: &str = "/assets/share.js";

thread_local! {
    static AWAKE: Cell<bool> = const { Cell::new(false) };
}

/// Takes over what other windows left, and goes on whenever that may help; offers what was shared. Called again, it does nothing.
/// What is listened to is listened to as long as the window is open.
pub fn wake(uploads: Uploads) {
    if AWAKE.replace(true) {
        return;
    }
    let _ = window_event_listener(ev::online, move |_| {
        nudge();
        spawn_local(look(uploads));
    });
    // The document's event; it bubbles.
    let _ = window_event_listener_untyped("visibilitychange", move |_| {
        if document().visibility_state() == VisibilityState::Visible {
            nudge();
            spawn_local(look(uploads));
        }
    });
    let _ = window_event_listener(ev::beforeunload, move |event| {
        if uploads.holds_page() {
            event.prevent_default();
        }
    });
    let _ = window_event_listener(ev::paste, move |event| pasted(&event, uploads));
    spawn_local(async move {
        look(uploads).await;
        take_part_in_sharing().await;
    });
}

async fn look(uploads: Uploads) {
    adopt(uploads).await;
    uploads.look_for_shared().await;
}

/// Where the browser has no such thing, there is no share sheet to appear in.
async fn take_part_in_sharing() {
    let navigator = window().navigator();
    let able = js_sys::Reflect::has(&navigator, &"serviceWorker".into()).unwrap_or(false);
    if able {
        let _ = JsFuture::from(navigator.service_worker().register(SHARE_TARGET)).await;
    }
}
