//! Offline state, and refetching once the connection is back.

use crate::ui::error::RequestError;
use crate::ui::messages;
use leptos::ev;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Whether the browser reports that the device is offline.
pub fn offline() -> RwSignal<bool> {
    let offline = RwSignal::new(false);
    let update = move || offline.set(!window().navigator().on_line());
    Effect::new(move |_| {
        update();
        let listeners = [
            window_event_listener(ev::online, move |_| update()),
            window_event_listener(ev::offline, move |_| update()),
        ];
        on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    });
    offline
}

/// The banner of a device that is offline.
#[component]
pub fn Offline(offline: RwSignal<bool>) -> impl IntoView {
    view! { <div class="offline" role="status">{move || offline.get().then_some(messages::OFFLINE_HERE)}</div> }
}

/// Calls `act` each time the connection is back: when the browser reports it, or when the socket is open again, which `is_live` tells.
pub fn on_return(is_live: impl Fn() -> bool + 'static, act: impl Fn() + Clone + 'static) {
    let again = act.clone();
    Effect::new(move |before: Option<bool>| {
        let live = is_live();
        if live && before == Some(false) {
            again();
        }
        live
    });
    Effect::new(move |_| {
        let act = act.clone();
        let listener = window_event_listener(ev::online, move |_| act());
        on_cleanup(move || listener.remove());
    });
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
