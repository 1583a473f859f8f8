//! What stands around a page's content.

use crate::accounts::api::SignOut;
use crate::live;
use crate::photos::{DropZone, Library, Uploads, wake};
use crate::ui::connection::{Offline, offline};
use crate::ui::keys::Keys;
use crate::ui::words;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_location;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

/// The frame of the pages one sees when signed in. It also wakes the socket and the uploads.
#[component]
pub fn Frame(
    /// What the page adds to the header.
    #[prop(optional)]
    tools: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let (library, uploads) = (Library::here(), Uploads::here());
    Effect::new(move |_| {
        // Not in one task with the waking of the page.
        set_timeout(
            move || {
                live::follow(library);
                wake(uploads);
            },
            Duration::ZERO,
        );
    });
    let offline = offline();
    view! {
        <DropZone>
            <header class="bar">
                <a class="skip" href="#content" rel="external">{words::SKIP}</a>
                <a class="name" href="/">{words::NAME}</a>
                <LiveMark library offline/>
                <span class="space"></span>
                {tools}
                <nav class="places" aria-label=words::PLACES>
                    <a class="quiet" href="/favourites" title=words::looking::FAVOURITES>
                        <span aria-hidden="true">{words::looking::FAVOURITE_SIGN}</span>
                        <span class="word">{words::looking::FAVOURITES}</span>
                    </a>
                    <a class="quiet archive" href="/archive">{words::looking::ARCHIVED}</a>
                </nav>
                <a class="quiet" href="/account">{words::ACCOUNT}</a>
                <SignOutForm/>
                <Offline offline/>
            </header>
            <main id="content" tabindex="-1">{children()}</main>
            <Keys/>
        </DropZone>
    }
}

/// A form, not an action: the whole page goes, and with it every photo that this window still holds.
#[component]
pub fn SignOutForm() -> impl IntoView {
    let uploads = Uploads::here();
    let sign_out = move |event: SubmitEvent| {
        let waiting = uploads.waiting();
        let sure = waiting == 0
            || window()
                .confirm_with_message(&words::uploads::sign_out_anyway(waiting))
                .unwrap_or(true);
        if sure {
            uploads.give_up();
            live::sign_out();
        } else {
            event.prevent_default();
        }
    };
    view! {
        <form class="sign-out" method="post" action=SignOut::url() on:submit=sign_out>
            <button type="submit" class="quiet">{words::SIGN_OUT}</button>
        </form>
    }
}

/// A page with one form on it.
#[component]
pub fn Card(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <main class="card" id="content" tabindex="-1">
            <p class="name"><a href="/">{words::NAME}</a></p>
            <h1>{title}</h1>
            {children()}
        </main>
    }
}

/// After a navigation that loads no page, puts the focus where the new page begins, as loading one would.
pub fn focus_on_arrival() {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            request_animation_frame(|| {
                let content = document()
                    .get_element_by_id("content")
                    .and_then(|element| element.dyn_into::<HtmlElement>().ok());
                let keep_place = FocusOptions::new();
                keep_place.set_prevent_scroll(true);
                // Where there is nothing to focus, or it may not be, the focus stays where it is.
                let _ = content.map(|content| content.focus_with_options(&keep_place));
            });
        }
        now
    });
}

/// Whether changes arrive by themselves.
#[component]
fn LiveMark(library: Library, offline: RwSignal<bool>) -> impl IntoView {
    // Without a network a socket may seem open for minutes.
    let live = Memo::new(move |_| library.live() && !offline.get());
    let text = move || if live.get() { words::LIVE_ON } else { words::LIVE_OFF };
    view! {
        <span class="live" data-live=move || if live.get() { "on" } else { "off" } title=text>
            <span class="hidden">{text}</span>
        </span>
    }
}
