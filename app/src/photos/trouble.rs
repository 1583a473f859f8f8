//! A word about what could not be done, that goes by itself.

use super::library::Library;
use crate::ui::words;
use leptos::prelude::*;
use std::time::Duration;

/// How long it can be read.
const SHOWN: Duration = Duration::from_secs(8);

/// What could not be done.
#[component]
pub fn Trouble(library: Library) -> impl IntoView {
    Effect::new(move |_| {
        if library.trouble.with(Option::is_some)
            && let Ok(timer) = set_timeout_with_handle(move || library.trouble.set(None), SHOWN)
        {
            on_cleanup(move || timer.clear());
        }
    });
    view! {
        <div class="toast" role="status">
            {move || library.trouble.get().map(|fault| view! {
                <p>{words::fault(&fault)}</p>
                <button type="button" class="quiet" on:click=move |_| library.trouble.set(None)>{words::DISMISS}</button>
            })}
        </div>
    }
}
