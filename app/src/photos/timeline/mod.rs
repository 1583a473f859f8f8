//! The timeline: all photos in a virtual list.

mod aspect;
pub mod layout;
mod lines;
mod saved_scroll;
mod scrubber;
pub mod viewport;
mod virtual_list;
mod visible_lines;

pub use saved_scroll::TimelineScroll;

use super::addresses::timeline_address;
use super::api::timeline;
use super::error_toast::ErrorToast;
use super::library::Library;
use super::loaded::loaded;
use super::photo_status::{UploadStatusPopover, UploadStatusTarget};
use super::tile::{FileTile, Tile, on_tile_click};
use super::uploads::UploadManager;
use super::uploads::choose::Choices;
use crate::frame::Frame;
use crate::ui::error_views::RedirectError;
use crate::ui::messages;
use layout::Breakpoint;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use lines::Lines;
use model::timeline::Start;

/// The page of all photos.
#[component]
pub fn TimelinePage() -> impl IntoView {
    let library = Library::from_context();
    let target = RwSignal::new(None);
    provide_context(UploadStatusTarget(target));
    let query = use_query_map();
    let start = Memo::new(move |_| query.with(|query| start_of(query.get("day"), query.get("behind"))));
    view! {
        <Title text=messages::PHOTOS/>
        <Frame tools=view! { <Choices/> }.into_any()>
            <h1 class="hidden">{messages::PHOTOS}</h1>
            <div class="reason"><RedirectError missing=messages::ORIGINAL_MISSING/></div>
            {move || {
                let start = start.get();
                if library.holds(&start) {
                    Either::Left(view! { <TimelineContent breakpoint=viewport::current_breakpoint()/> })
                } else {
                    Either::Right(view! { <Loaded start/> })
                }
            }}
            <UploadStatusPopover target/>
            <ErrorToast library/>
        </Frame>
    }
}

/// Where the page begins, from the address.
fn start_of(day: Option<String>, behind: Option<String>) -> Start {
    match (day.and_then(|day| day.parse().ok()), behind) {
        (Some(day), _) => Start::Day(day),
        (None, Some(cursor)) => Start::Behind(cursor),
        (None, None) => Start::Newest,
    }
}

/// Loads the first page of the timeline.
#[component]
fn Loaded(start: Start) -> impl IntoView {
    let library = Library::from_context();
    // What the server guessed, so that hydration renders the same lines.
    let breakpoint = SharedValue::new(viewport::current_breakpoint).into_inner();
    let fetch = {
        let start = start.clone();
        move || timeline(start.clone())
    };
    let hold = move |page| library.load(start.clone(), page);
    loaded(library, fetch, hold, move || {
        view! { <TimelineContent breakpoint/> }.into_any()
    })
}

/// What was just added, and the list of all days.
#[component]
fn TimelineContent(
    /// For the first render.
    breakpoint: Breakpoint,
) -> impl IntoView {
    let (library, uploads) = (Library::from_context(), UploadManager::from_context());
    let just_added = Memo::new(move |_| !uploads.files_without_photo().is_empty() || !library.just_added.with(Vec::is_empty));
    let empty = Memo::new(move |_| library.is_empty() && uploads.files_without_photo().is_empty());
    let older = move || {
        let behind = library.day_index.with(|index| index.next_cursor())?;
        Some(timeline_address(&Start::Behind(behind)))
    };
    view! {
        <Show when=move || just_added.get()>
            <section class="fresh" aria-labelledby="fresh">
                <header>
                    <h2 id="fresh">{messages::JUST_ADDED}</h2>
                    <button type="button" class="quiet" on:click=move |_| library.merge_just_added()>{messages::SORT_BY_DATE}</button>
                </header>
                <ul class="grid" on:click=on_tile_click()>
                    <For each=move || uploads.files_without_photo() key=|file| file.key.clone() let:file>
                        <FileTile file/>
                    </For>
                    <For each=move || library.just_added.get() key=|entry| entry.id.clone() let:entry>
                        <Tile entry/>
                    </For>
                </ul>
            </section>
        </Show>
        <Lines breakpoint/>
        <Show when=move || empty.get()>
            <div class="empty">
                <h2>{messages::EMPTY_TITLE}</h2>
                <p class="with-script">{messages::EMPTY_TEXT}</p>
            </div>
        </Show>
        <nav class="pages without-script">
            {move || (!library.begins_with_newest()).then(|| view! { <a href="/">{messages::NEWEST}</a> })}
            {move || older().map(|href| view! { <a href=href rel="next">{messages::OLDER}</a> })}
        </nav>
    }
}
