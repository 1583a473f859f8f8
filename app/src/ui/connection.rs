//! Offline state, and refetching once the connection is back.

use crate::ui::error::RequestError;
use crate::ui::messages;
use leptos::ev;
use leptos::prelude::*;
use leptos_use_event_listener::use_event_listener;
use leptos_use_window::use_window;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Whether the browser reports that the device is offline.
pub fn offline() -> RwSignal<bool> {
    let offline = RwSignal::new(false);
    let update = move || offline.set(!window().navigator().on_line());
    Effect::new(move |_| update());
    let _ = use_event_listener(use_window(), ev::online, move |_| update());
    let _ = use_event_listener(use_window(), ev::offline, move |_| update());
    offline
}

/// The banner of a device that is offline.
#[component]
pub fn Offline(offline: RwSignal<bool>) -> impl IntoView {
    view! { <div class="offline" role="status">{move || offline.get().then_some(messages::OFFLINE_NOTE)}</div> }
}

/// Calls `act` each time the connection is back: when the browser reports it, or when the socket is open again, by `is_live`.
pub fn on_return(is_live: impl Fn() -> bool + 'static, act: impl Fn() + Clone + 'static) {
    let again = act.clone();
    Effect::new(move |before: Option<bool>| {
        let live = is_live();
        if live && before == Some(false) {
            again();
        }
        live
    });
    let _ = use_event_listener(use_window(), ev::online, move |_| act());
}

/// Refetches a resource that failed offline, once the connection is back.
pub fn ask_again_on_return<T: Serialize + DeserializeOwned + Send + Sync + 'static>(
    is_live: impl Fn() -> bool + 'static,
    resource: Resource<Result<T, RequestError>>,
) {
    on_return(is_live, move || {
        if resource.with_untracked(|result| matches!(result, Some(Err(RequestError::Offline)))) {
            resource.refetch();
        }
    });
}
