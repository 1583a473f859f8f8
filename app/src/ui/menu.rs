//! A `<details>` menu, which opens without scripts. Scripts close it as a menu.

use leptos::ev;
use leptos::html::{Details, Summary};
use leptos::prelude::*;
use leptos_use_event_listener::use_event_listener;
use leptos_use_window::use_window;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, KeyboardEvent, Node};

/// A button that opens a list. Escape closes it, and so does a click or the focus elsewhere.
#[component]
pub fn Menu(
    /// CSS class.
    class: &'static str,
    /// Label of the button.
    label: &'static str,
    /// The list.
    children: Children,
) -> impl IntoView {
    // The menu may outlive its owner until the next page is rendered; the references are disposed by then.
    let (node, summary) = (NodeRef::<Details>::new(), NodeRef::<Summary>::new());
    let close = move || {
        node.try_get_untracked()
            .flatten()
            .filter(|menu| menu.open())
            .inspect(|menu| menu.set_open(false))
            .is_some()
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && close() {
            event.prevent_default();
            if let Some(summary) = summary.try_get_untracked().flatten() {
                let _ = summary.focus();
            }
        }
    };
    let contains = move |target: Option<web_sys::EventTarget>| {
        let target = target.and_then(|target| target.dyn_into::<Node>().ok());
        let menu = node.try_get_untracked().flatten();
        menu.is_some_and(|menu| menu.contains(target.as_ref()))
    };
    // Without a related target, as when the window loses focus, it may come back.
    let on_leave = move |event: FocusEvent| {
        if event.related_target().is_some() && !contains(event.related_target()) {
            close();
        }
    };
    let _ = use_event_listener(use_window(), ev::click, move |event| {
        if !contains(event.target()) {
            close();
        }
    });
    view! {
        // Focusable, so that a click on a link in Safari, where links take no focus, keeps the focus inside.
        <details class=class tabindex="-1" node_ref=node on:keydown=on_key on:focusout=on_leave>
            <summary class="quiet" node_ref=summary>{label}</summary>
            {children()}
        </details>
    }
}
