//! Starts the upload queue of a window once somebody is signed in.

use super::choose::pasted;
use super::manager::UploadManager;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::VisibilityState;

/// The service worker for the share sheet. Its scope covers no page, so that it intercepts no other request.
const SHARE_TARGET: &str = "/assets/share.js";

/// Resumes persisted uploads, retries when the connection is back, and offers shared files. Does nothing if called again. The
/// listeners stay until the window closes.
pub fn start_uploads(uploads: UploadManager) {
    if !uploads.start() {
        return;
    }
    let look = move || {
        uploads.retry_now();
        spawn_local(uploads.look_for_files());
    };
    let _ = window_event_listener(ev::online, move |_| look());
    // The document's event; it bubbles.
    let _ = window_event_listener_untyped("visibilitychange", move |_| {
        if document().visibility_state() == VisibilityState::Visible {
            look();
        }
    });
    let _ = window_event_listener(ev::beforeunload, move |event| {
        if uploads.asks_before_unload() {
            event.prevent_default();
        }
    });
    let _ = window_event_listener(ev::paste, move |event| pasted(&event, uploads));
    spawn_local(async move {
        uploads.look_for_files().await;
        register_share_target().await;
    });
}

/// Without service workers there is no share sheet.
async fn register_share_target() {
    let navigator = window().navigator();
    let able = js_sys::Reflect::has(&navigator, &"serviceWorker".into()).unwrap_or(false);
    if able {
        let _ = JsFuture::from(navigator.service_worker().register(SHARE_TARGET)).await;
    }
}
