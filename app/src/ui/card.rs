//! The layout of a page with one form.

use crate::ui::messages;
use leptos::prelude::*;

/// A page with one form, under a title.
#[component]
pub fn Card(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <main class="card" id="content" tabindex="-1">
            <p class="name"><a href="/">{messages::NAME}</a></p>
            <h1>{title}</h1>
            {children()}
        </main>
    }
}
