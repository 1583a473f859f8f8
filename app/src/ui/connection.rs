//! What a page does without a connection, and when it is back.

use crate::photos::Library;
use crate::ui::fault::Fault;
use crate::ui::words;
use leptos::ev;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Whether the browser thinks that the device has no network.
pub fn offline() -> RwSignal<bool> {
    let offline = RwSignal::new(false);
    let look = move || offline.set(!window().navigator().on_line());
    Effect::new(move |_| {
        look();
        let listeners = [
            window_event_listener(ev::online, move |_| look()),
            window_event_listener(ev::offline, move |_| look()),
        ];
        on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    });
    offline
}

/// Says that the device has no network.
#[component]
pub fn Offline(offline: RwSignal<bool>) -> impl IntoView {
    view! { <div class="offline" role="status">{move || offline.get().then_some(words::OFFLINE_HERE)}</div> }
}

/// Does something each time the connection is back: as the browser says, or as the socket found.
pub fn on_return(library: Library, act: impl Fn() + Clone + 'static) {
    let again = act.clone();
    Effect::new(move |was: Option<bool>| {
        let live = library.live();
        if live && was == Some(false) {
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

/// Asks once more, when the connection is back, for what could not be asked for without it.
pub fn ask_again_on_return<T: Serialize + DeserializeOwned + Send + Sync + 'static>(
    library: Library,
    answer: Resource<Result<T, Fault>>,
) {
    on_return(library, move || {
        if answer.with_untracked(|answer| matches!(answer, Some(Err(Fault::Offline)))) {
            answer.refetch();
        }
    });
}
