//! The layout of pages for signed-in users.

use crate::accounts::api::SignOut;
use crate::live;
use crate::photos::{DropZone, Library, UploadManager, start_uploads};
use crate::ui::connection::{Offline, offline};
use crate::ui::messages;
use crate::ui::shortcuts::ShortcutsDialog;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use std::time::Duration;

/// The layout around a page's content. It also starts the socket and the uploads.
#[component]
pub fn Frame(
    /// What the page adds to the header.
    #[prop(optional)]
    tools: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let (library, uploads) = (Library::from_context(), UploadManager::from_context());
    Effect::new(move |_| {
        // In a task of its own, after hydration.
        set_timeout(
            move || {
                live::follow(library);
                start_uploads(uploads);
            },
            Duration::ZERO,
        );
    });
    let offline = offline();
    view! {
        <DropZone>
            <header class="bar">
                <a class="skip" href="#content" rel="external">{messages::SKIP}</a>
                <a class="name" href="/">{messages::NAME}</a>
                <LiveMark library offline/>
                <span class="space"></span>
                {tools}
                <nav class="places" aria-label=messages::NAVIGATION>
                    <a class="quiet" href="/favourites" title=messages::viewing::FAVOURITES>
                        <span aria-hidden="true">{messages::viewing::FAVOURITE_SYMBOL}</span>
                        <span class="word">{messages::viewing::FAVOURITES}</span>
                    </a>
                    <a class="quiet archive" href="/archive">{messages::viewing::ARCHIVED}</a>
                </nav>
                <a class="quiet" href="/account">{messages::ACCOUNT}</a>
                <SignOutForm/>
                <Offline offline/>
            </header>
            <main id="content" tabindex="-1">{children()}</main>
            <ShortcutsDialog/>
        </DropZone>
    }
}

/// A plain form, not an action: the page load discards all photos in this window's memory.
#[component]
pub fn SignOutForm() -> impl IntoView {
    let uploads = UploadManager::from_context();
    let sign_out = move |event: SubmitEvent| {
        let waiting = uploads.waiting();
        let sure = waiting == 0
            || window()
                .confirm_with_message(&messages::uploads::sign_out_anyway(waiting))
                .unwrap_or(true);
        if sure {
            uploads.allow_unload();
            live::signing_out();
        } else {
            event.prevent_default();
        }
    };
    view! {
        <form class="sign-out" method="post" action=SignOut::url() on:submit=sign_out>
            <button type="submit" class="quiet">{messages::SIGN_OUT}</button>
        </form>
    }
}

/// Shows whether live updates work.
#[component]
fn LiveMark(library: Library, offline: RwSignal<bool>) -> impl IntoView {
    // When the device is offline, the socket may seem open for minutes.
    let live = Memo::new(move |_| library.live() && !offline.get());
    let text = move || if live.get() { messages::LIVE_ON } else { messages::LIVE_OFF };
    view! {
        <span class="live" data-live=move || if live.get() { "on" } else { "off" } title=text>
            <span class="hidden">{text}</span>
        </span>
    }
}
