//! A menu that opens without a script, and that a script closes as people expect.

use leptos::html::{Details, Summary};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, KeyboardEvent, MouseEvent, Node};

/// A button, and a list that it opens. Escape closes it, and so does whatever else is clicked or focused.
#[component]
pub fn Menu(
    /// For the style.
    class: &'static str,
    /// What the button says.
    label: &'static str,
    /// The list.
    children: Children,
) -> impl IntoView {
    // It may be shown for longer than its owner lives, until the next page is there: then the references are gone.
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
                // It may have gone with its page.
                let _ = summary.focus();
            }
        }
    };
    let contains = move |target: Option<web_sys::EventTarget>| {
        let target = target.and_then(|target| target.dyn_into::<Node>().ok());
        let menu = node.try_get_untracked().flatten();
        menu.is_some_and(|menu| menu.contains(target.as_ref()))
    };
    // Focus that goes nowhere comes back, as that of a window that is left does.
    let on_leave = move |event: FocusEvent| {
        if event.related_target().is_some() && !contains(event.related_target()) {
            close();
        }
    };
    Effect::new(move |_| {
        let on_click = window_event_listener(leptos::ev::click, move |event: MouseEvent| {
            if !contains(event.target()) {
                close();
            }
        });
        on_cleanup(move || on_click.remove());
    });
    view! {
        // Focusable, so that a click on a link that takes no focus, as in Safari, leaves it within.
        <details class=class tabindex="-1" node_ref=node on:keydown=on_key on:focusout=on_leave>
            <summary class="quiet" node_ref=summary>{label}</summary>
            {children()}
        </details>
    }
}
