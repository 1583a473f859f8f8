//! Photos that are looked at by themselves: the favourites, and the archive.

use super::api::shelf as shelf_page;
use super::library::Library;
use super::tile::Tile;
use super::trouble::Trouble as LibraryTrouble;
use super::whereabouts::{WhereIsIt, Whereabouts};
use crate::live;
use crate::ui::connection::ask_again_on_return;
use crate::ui::frame::Frame;
use crate::ui::notice::Trouble;
use crate::ui::words;
use crate::ui::words::looking as own;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::location::Url;
use leptos_router::params::ParamsMap;
use model::ids::PhotoId;
use model::timeline::{Shelf, Start};
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// What its owner likes best.
#[component]
pub fn FavouritesPage() -> impl IntoView {
    view! { <ShelfPage shelf=Shelf::Favourites title=own::FAVOURITES empty=own::NO_FAVOURITES/> }
}

/// What was taken out of the timeline.
#[component]
pub fn ArchivePage() -> impl IntoView {
    view! { <ShelfPage shelf=Shelf::Archive title=own::ARCHIVED empty=own::NO_ARCHIVED/> }
}

/// The address of a shelf's first page.
pub fn shelf_address(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Favourites => "/favourites",
        Shelf::Archive => "/archive",
    }
}

/// The address of a photo's page, which leads back to the shelf that it was looked at from.
pub fn photo_address(id: &PhotoId, shelf: Option<Shelf>) -> String {
    match shelf {
        None => format!("/photos/{id}"),
        Some(Shelf::Favourites) => format!("/photos/{id}?in=favourites"),
        Some(Shelf::Archive) => format!("/photos/{id}?in=archive"),
    }
}

/// The shelf that a photo's address names.
pub fn shelf_of(query: &ParamsMap) -> Option<Shelf> {
    match query.get("in")?.as_str() {
        "favourites" => Some(Shelf::Favourites),
        "archive" => Some(Shelf::Archive),
        _ => None,
    }
}

#[component]
fn ShelfPage(shelf: Shelf, title: &'static str, empty: &'static str) -> impl IntoView {
    let library = Library::here();
    let asked = RwSignal::new(None);
    provide_context(Whereabouts(asked));
    let query = use_query_map();
    let start = Memo::new(move |_| query.with(|query| query.get("behind")).map_or(Start::Newest, Start::Behind));
    view! {
        <Title text=title/>
        <Frame>
            <header class="heading">
                <h1>{title}</h1>
                <span class="space"></span>
                {match shelf {
                    Shelf::Favourites => view! { <a class="quiet" href=shelf_address(Shelf::Archive)>{own::ARCHIVED}</a> },
                    Shelf::Archive => view! { <a class="quiet" href=shelf_address(Shelf::Favourites)>{own::FAVOURITES}</a> },
                }}
            </header>
            {move || {
                let start = start.get();
                if library.holds_shelf(shelf, &start) {
                    Either::Left(view! { <Photos shelf title empty/> })
                } else {
                    Either::Right(view! { <Loaded shelf start title empty/> })
                }
            }}
            <WhereIsIt asked/>
            <LibraryTrouble library/>
        </Frame>
    }
}

/// The shelf, once its page is there.
#[component]
fn Loaded(shelf: Shelf, start: Start, title: &'static str, empty: &'static str) -> impl IntoView {
    let library = Library::here();
    let page = {
        let start = start.clone();
        Resource::new(|| (), move |()| shelf_page(shelf, start.clone()))
    };
    ask_again_on_return(library, page);
    view! {
        <Suspense fallback=|| {
            view! { <p class="loading">{words::LOADING}</p> }
        }>
            {move || {
                let start = start.clone();
                Suspend::new(async move {
                    match page.await {
                        Ok(page) => {
                            library.load_shelf(shelf, start, page);
                            live::catch_up(library);
                            Either::Left(view! { <Photos shelf title empty/> })
                        }
                        Err(fault) => Either::Right(view! { <Trouble fault/> }),
                    }
                })
            }}
        </Suspense>
    }
}

/// The photos of the page that is held, and the ways to its neighbours.
#[component]
fn Photos(shelf: Shelf, title: &'static str, empty: &'static str) -> impl IntoView {
    let library = Library::here();
    let entries = move || {
        library
            .shelf
            .with(|held| held.as_ref().map(|held| held.entries.clone()).unwrap_or_default())
    };
    let ways = move || {
        library.shelf.with(|held| {
            let held = held.as_ref()?;
            let newest = (held.start != Start::Newest).then(|| view! { <a href=shelf_address(shelf)>{words::NEWEST}</a> });
            let older = held.older.as_ref().map(|behind| {
                let href = format!("{}?behind={}", shelf_address(shelf), Url::escape(behind));
                view! { <a href=href rel="next">{words::OLDER}</a> }
            });
            Some((newest, older))
        })
    };
    come_back(library);
    view! {
        <ul class="grid" aria-label=title>
            <For each=entries key=|entry| entry.id.clone() let:entry>
                <Tile entry shelf=Some(shelf)/>
            </For>
        </ul>
        <Show when=move || entries().is_empty()>
            <p class="empty">{empty}</p>
        </Show>
        <nav class="pages">{ways}</nav>
    }
}

/// Who comes back from a photo finds it in the window.
fn come_back(library: Library) {
    Effect::new(move |_| {
        let Some(id) = library.take_viewed() else { return };
        // After the router, which goes to the top of a page that a link leads to.
        request_animation_frame(move || {
            let selector = format!("li.tile[data-photo='{id}']");
            let Ok(Some(tile)) = document().query_selector(&selector) else {
                return;
            };
            let seen = tile.get_bounding_client_rect();
            let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
            if seen.top() < 0.0 || seen.bottom() > height {
                let to = ScrollIntoViewOptions::new();
                to.set_block(ScrollLogicalPosition::Center);
                tile.scroll_into_view_with_scroll_into_view_options(&to);
            }
        });
    });
}
