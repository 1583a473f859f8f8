//! The page of all photos, newest first.

use super::api::timeline;
use super::library::{Library, address};
use super::tile::{FileTile, Tile};
use super::uploads::Uploads;
use super::uploads::choose::{Choices, dropped};
use super::whereabouts::{WhereIsIt, Whereabouts};
use crate::live;
use crate::ui::frame::Frame;
use crate::ui::notice::Trouble;
use crate::ui::words;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use web_sys::DragEvent;

/// The page of all photos. Files can be dropped anywhere on it.
#[component]
pub fn TimelinePage() -> impl IntoView {
    let (library, uploads) = (Library::here(), Uploads::here());
    let asked = RwSignal::new(None);
    provide_context(Whereabouts(asked));
    let query = use_query_map();
    let before = Memo::new(move |_| query.read().get("before"));
    let over = RwSignal::new(false);
    let on_drop = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(transfer) = event.data_transfer() {
            dropped(&transfer, uploads);
        }
    };
    let on_drag = move |event: DragEvent| {
        let carries_files = event
            .data_transfer()
            .is_some_and(|carried| carried.types().includes(&"Files".into(), 0));
        if carries_files {
            event.prevent_default();
            over.set(true);
        }
    };
    // Going from one element to the next within the page is no leaving.
    let on_leave = move |event: DragEvent| {
        if event.related_target().is_none() {
            over.set(false);
        }
    };
    view! {
        <Title text=words::PHOTOS/>
        <div class="table" class:over=move || over.get() on:dragover=on_drag on:dragleave=on_leave on:drop=on_drop>
            <Frame tools=view! { <Choices/> }.into_any()>
                <h1 class="hidden">{words::PHOTOS}</h1>
                {move || {
                    let before = before.get();
                    if library.holds(&before) {
                        Either::Left(view! { <Grid/> })
                    } else {
                        Either::Right(view! { <Loaded before/> })
                    }
                }}
                <p class="drop-here" aria-hidden="true">{words::uploads::DROP_HERE}</p>
                <WhereIsIt asked/>
            </Frame>
        </div>
    }
}

/// A page of the timeline, once it is there.
#[component]
fn Loaded(before: Option<String>) -> impl IntoView {
    let library = Library::here();
    let page = {
        let before = before.clone();
        Resource::new(|| (), move |()| timeline(before.clone()))
    };
    view! {
        <Suspense fallback=|| {
            view! { <p class="loading">{words::LOADING}</p> }
        }>
            {move || {
                let before = before.clone();
                Suspend::new(async move {
                    match page.await {
                        Ok(timeline) => {
                            library.load(before, timeline);
                            live::catch_up(library);
                            Either::Left(view! { <Grid/> })
                        }
                        Err(fault) => Either::Right(view! { <Trouble fault/> }),
                    }
                })
            }}
        </Suspense>
    }
}

/// The tiles.
#[component]
fn Grid() -> impl IntoView {
    let (library, uploads) = (Library::here(), Uploads::here());
    let empty = move || library.is_empty() && uploads.files().is_empty();
    view! {
        <ul class="grid" aria-label=words::PHOTOS>
            <For each=move || uploads.files() key=|file| file.key.clone() let:file>
                <FileTile file/>
            </For>
            <For each=move || library.entries() key=|entry| entry.id.clone() let:entry>
                <Tile entry/>
            </For>
        </ul>
        <Show when=empty>
            <div class="empty">
                <h2>{words::EMPTY_TITLE}</h2>
                <p>{words::EMPTY_TEXT}</p>
            </div>
        </Show>
        <nav class="pages">
            {move || (library.address() != "/").then(|| view! { <a href="/">{words::NEWEST}</a> })}
            {move || library.older().map(|before| view! { <a href=address(&before) rel="next">{words::OLDER}</a> })}
        </nav>
    }
}
