//! The toast for the last error. It disappears by itself.

use super::library::Library;
use crate::ui::messages;
use leptos::prelude::*;
use std::time::Duration;

/// How long it shows.
const SHOWN: Duration = Duration::from_secs(8);

/// Shows the last error.
#[component]
pub fn ErrorToast(library: Library) -> impl IntoView {
    Effect::new(move |_| {
        if library.error.with(Option::is_some)
            && let Ok(timer) = set_timeout_with_handle(move || library.error.set(None), SHOWN)
        {
            on_cleanup(move || timer.clear());
        }
    });
    view! {
        <div class="toast" role="status">
            {move || library.error.get().map(|error| view! {
                <p>{messages::error_text(&error)}</p>
                <button type="button" class="quiet" on:click=move |_| library.error.set(None)>{messages::DISMISS}</button>
            })}
        </div>
    }
}
