//! A kind of notification, and the form that turns it on or off.

use crate::ui::messages;
use leptos::prelude::*;
use model::notifications::Choice;

/// A kind of notification, and whether it is on.
#[component]
pub fn Kind(choice: Choice) -> impl IntoView {
    let (name, when) = messages::notifications::kind(choice.kind);
    view! {
        <div>
            <p><strong>{name}</strong> " " <span class:good=choice.on>{messages::notifications::state(choice.on)}</span></p>
            <p class="hint">{when}</p>
        </div>
    }
}

/// The fields and the button of a form that turns a kind on or off.
#[component]
pub fn Switch(choice: Choice, by: &'static str) -> impl IntoView {
    let (button, label) = messages::notifications::switch(choice.kind, choice.on, by);
    view! {
        <input type="hidden" name="kind" value=choice.kind.name()/>
        <input type="hidden" name="on" value=(!choice.on).to_string()/>
        <button type="submit" class="quiet" aria-label=label>{button}</button>
    }
}
