//! The page of all photos: a light table, of which the browser holds what is looked at.

mod aspect;
mod lines;
pub mod plan;
pub mod roll;
mod scrubber;
mod shown;
pub mod sight;

use super::addresses::timeline_address;
use super::api::timeline;
use super::library::Library;
use super::loaded::loaded;
use super::tile::{FileTile, Tile};
use super::trouble::Trouble as LibraryTrouble;
use super::uploads::Uploads;
use super::uploads::choose::Choices;
use super::whereabouts::{WhereIsIt, Whereabouts};
use crate::ui::frame::Frame;
use crate::ui::notice::Why;
use crate::ui::words;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use lines::Lines;
use model::timeline::Start;
use plan::Division;

/// The page of all photos.
#[component]
pub fn TimelinePage() -> impl IntoView {
    let library = Library::here();
    let asked = RwSignal::new(None);
    provide_context(Whereabouts(asked));
    let query = use_query_map();
    let start = Memo::new(move |_| query.with(|query| start_of(query.get("day"), query.get("behind"))));
    view! {
        <Title text=words::PHOTOS/>
        <Frame tools=view! { <Choices/> }.into_any()>
            <h1 class="hidden">{words::PHOTOS}</h1>
            <div class="told"><Why missing=words::ORIGINAL_MISSING/></div>
            {move || {
                let start = start.get();
                if library.holds(&start) {
                    Either::Left(view! { <Table division=sight::division_here()/> })
                } else {
                    Either::Right(view! { <Loaded start/> })
                }
            }}
            <WhereIsIt asked/>
            <LibraryTrouble library/>
        </Frame>
    }
}

/// Where an address says that the page begins.
fn start_of(day: Option<String>, behind: Option<String>) -> Start {
    match (day.and_then(|day| day.parse().ok()), behind) {
        (Some(day), _) => Start::Day(day),
        (None, Some(place)) => Start::Behind(place),
        (None, None) => Start::Newest,
    }
}

/// The timeline, once its first page is there.
#[component]
fn Loaded(start: Start) -> impl IntoView {
    let library = Library::here();
    // What the server took the window for, so that the browser's first lines are the same.
    let division = SharedValue::new(sight::division_here).into_inner();
    let fetch = {
        let start = start.clone();
        move || timeline(start.clone())
    };
    let hold = move |page| library.load(start.clone(), page);
    loaded(library, fetch, hold, move || view! { <Table division/> }.into_any())
}

/// What was just added, and all days.
#[component]
fn Table(
    /// To begin with.
    division: Division,
) -> impl IntoView {
    let (library, uploads) = (Library::here(), Uploads::here());
    let fresh = Memo::new(move |_| !uploads.files().is_empty() || !library.fresh.with(Vec::is_empty));
    let empty = Memo::new(move |_| library.is_empty() && uploads.files().is_empty());
    let older = move || {
        let behind = library.roll.with(|roll| roll.behind())?;
        Some(timeline_address(&Start::Behind(behind)))
    };
    view! {
        <Show when=move || fresh.get()>
            <section class="fresh" aria-labelledby="fresh">
                <header>
                    <h2 id="fresh">{words::JUST_ADDED}</h2>
                    <button type="button" class="quiet" on:click=move |_| library.put_in_place()>{words::PUT_IN_PLACE}</button>
                </header>
                <ul class="grid">
                    <For each=move || uploads.files() key=|file| file.key.clone() let:file>
                        <FileTile file/>
                    </For>
                    <For each=move || library.fresh.get() key=|entry| entry.id.clone() let:entry>
                        <Tile entry/>
                    </For>
                </ul>
            </section>
        </Show>
        <Lines division/>
        <Show when=move || empty.get()>
            <div class="empty">
                <h2>{words::EMPTY_TITLE}</h2>
                <p class="with-script">{words::EMPTY_TEXT}</p>
            </div>
        </Show>
        <nav class="pages without-script">
            {move || (!library.begins_with_newest()).then(|| view! { <a href="/">{words::NEWEST}</a> })}
            {move || older().map(|href| view! { <a href=href rel="next">{words::OLDER}</a> })}
        </nav>
    }
}
