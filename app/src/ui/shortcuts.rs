//! Keyboard shortcuts, and the dialog that lists them.

use crate::ui::messages::viewing as messages;
use leptos::ev;
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos_use_event_listener::use_event_listener;
use leptos_use_window::use_window;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// Whether the key is typed into a field.
fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Whether a key is a shortcut of the page: no field has the focus, no dialog is open, and neither the browser nor another listener
/// handles it.
pub fn is_shortcut(event: &KeyboardEvent) -> bool {
    let modified = event.alt_key() || event.ctrl_key() || event.meta_key();
    let dialog = document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some());
    !modified && !dialog && !event.default_prevented() && !is_typing(event)
}

/// The dialog, opened by `?`. The browser closes it on Escape.
#[component]
pub fn ShortcutsDialog() -> impl IntoView {
    let node = NodeRef::<Dialog>::new();
    let _ = use_event_listener(use_window(), ev::keydown, move |event| {
        if event.key() == messages::SHORTCUTS_KEY && is_shortcut(&event) {
            let _ = node.get_untracked().map(|dialog| dialog.show_modal());
        }
    });
    let group = |keys: &'static [(&'static str, &'static str)]| {
        let rows = keys
            .iter()
            .map(|(key, does)| view! { <dt><kbd>{*key}</kbd></dt><dd>{*does}</dd> });
        view! { <dl>{rows.collect_view()}</dl> }
    };
    view! {
        <dialog class="sheet" aria-labelledby="keys" node_ref=node>
            <h2 id="keys">{messages::SHORTCUTS}</h2>
            {group(&messages::TIMELINE_SHORTCUTS)}
            {group(&messages::PHOTO_SHORTCUTS)}
            <form method="dialog">
                <button type="submit" class="button">{messages::CLOSE}</button>
            </form>
        </dialog>
    }
}
