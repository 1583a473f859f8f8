//! The sheet of keyboard shortcuts.

use super::later::Later;
use crate::ui::words::looking as words;
use leptos::ev;
use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// Whether somebody writes, and means letters by letters.
fn is_written_in(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Whether a key is a shortcut of the page: nobody writes, no dialog is open, and neither the browser nor another listener takes it.
pub fn is_shortcut(event: &KeyboardEvent) -> bool {
    let modified = event.alt_key() || event.ctrl_key() || event.meta_key();
    let dialog = document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some());
    !modified && !dialog && !event.default_prevented() && !is_written_in(event)
}

/// The sheet, shown by `?`. The browser closes it by Escape.
#[component]
pub fn Keys() -> impl IntoView {
    let node = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            if event.key() == words::KEYS_SIGN && is_shortcut(&event) {
                let _ = node.get_untracked().map(|sheet| sheet.show_modal());
            }
        });
        on_cleanup(move || listener.remove());
    });
    Later::new(node, move || sheet(node), || ())
}

/// It wakes after the page, which it does not belong to until it is asked for.
fn sheet(node: NodeRef<Dialog>) -> AnyView {
    let list = |keys: &'static [(&'static str, &'static str)]| {
        let rows = keys
            .iter()
            .map(|(key, does)| view! { <dt><kbd>{*key}</kbd></dt><dd>{*does}</dd> });
        view! { <dl>{rows.collect_view()}</dl> }
    };
    view! {
        <dialog class="sheet" aria-labelledby="keys" node_ref=node>
            <h2 id="keys">{words::KEYS}</h2>
            {list(&words::KEYS_OF_TABLE)}
            {list(&words::KEYS_OF_PHOTO)}
            <form method="dialog">
                <button type="submit" class="button">{words::CLOSE}</button>
            </form>
        </dialog>
    }
    .into_any()
}
