//! Shelves: collections of photos next to the timeline. The favourites, and the archive.

use super::addresses::collection_address;
use super::api::collection as collection_page;
use super::error_toast::ErrorToast;
use super::library::Library;
use super::loaded::loaded;
use super::photo_status::{UploadStatusPopover, UploadStatusTarget};
use super::tile::{Tile, on_tile_click};
use super::timeline::viewport::Viewport;
use crate::frame::Frame;
use crate::ui::messages;
use crate::ui::messages::viewing;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::timeline::{Collection, Start};
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// The page of favourites.
#[component]
pub fn FavouritesPage() -> impl IntoView {
    view! { <CollectionPage collection=Collection::Favourites title=viewing::FAVOURITES empty=viewing::NO_FAVOURITES/> }
}

/// The page of the archive.
#[component]
pub fn ArchivePage() -> impl IntoView {
    view! { <CollectionPage collection=Collection::Archive title=viewing::ARCHIVED empty=viewing::NO_ARCHIVED/> }
}

#[component]
fn CollectionPage(collection: Collection, title: &'static str, empty: &'static str) -> impl IntoView {
    let library = Library::from_context();
    let target = RwSignal::new(None);
    provide_context(UploadStatusTarget(target));
    let query = use_query_map();
    let start = Memo::new(move |_| query.with(|query| query.get("behind")).map_or(Start::Newest, Start::Behind));
    view! {
        <Title text=title/>
        <Frame>
            <header class="heading">
                <h1>{title}</h1>
                <span class="space"></span>
                {match collection {
                    Collection::Favourites => view! { <a class="quiet" href=collection_address(Collection::Archive, &Start::Newest)>{viewing::ARCHIVED}</a> },
                    Collection::Archive => view! { <a class="quiet" href=collection_address(Collection::Favourites, &Start::Newest)>{viewing::FAVOURITES}</a> },
                }}
            </header>
            {move || {
                let start = start.get();
                if library.holds_collection(collection, &start) {
                    Either::Left(view! { <Photos collection title empty/> })
                } else {
                    Either::Right(view! { <Loaded collection start title empty/> })
                }
            }}
            <UploadStatusPopover target/>
            <ErrorToast library/>
        </Frame>
    }
}

/// Loads a page of a collection.
#[component]
fn Loaded(collection: Collection, start: Start, title: &'static str, empty: &'static str) -> impl IntoView {
    let library = Library::from_context();
    let fetch = {
        let start = start.clone();
        move || collection_page(collection, start.clone())
    };
    let hold = move |page| library.load_collection(collection, start.clone(), page);
    loaded(library, fetch, hold, move || {
        view! { <Photos collection title empty/> }.into_any()
    })
}

/// The held page of a collection, with links to others.
#[component]
fn Photos(collection: Collection, title: &'static str, empty: &'static str) -> impl IntoView {
    let library = Library::from_context();
    let entries = move || {
        library
            .collection
            .with(|held| held.as_ref().map(|held| held.entries.clone()).unwrap_or_default())
    };
    let page_links = move || {
        library.collection.with(|held| {
            let held = held.as_ref()?;
            let newest = (held.start != Start::Newest)
                .then(|| view! { <a href=collection_address(collection, &Start::Newest)>{messages::NEWEST}</a> });
            let older = held.older.as_ref().map(|behind| {
                let href = collection_address(collection, &Start::Behind(behind.clone()));
                view! { <a href=href rel="next">{messages::OLDER}</a> }
            });
            Some((newest, older))
        })
    };
    scroll_to_last_viewed(library);
    view! {
        <ul class="grid" aria-label=title on:click=on_tile_click()>
            <For each=entries key=|entry| entry.id.clone() let:entry>
                <Tile entry collection=Some(collection)/>
            </For>
        </ul>
        <Show when=move || entries().is_empty()>
            <p class="empty">{empty}</p>
        </Show>
        <nav class="pages">{page_links}</nav>
    }
}

/// Scrolls to the last viewed photo after coming back from the viewer.
fn scroll_to_last_viewed(library: Library) {
    Effect::new(move |_| {
        let Some(id) = library.take_last_viewed() else { return };
        // After the router, which scrolls to the top after a navigation.
        request_animation_frame(move || {
            let selector = format!("li.tile[data-photo='{id}']");
            let Ok(Some(tile)) = document().query_selector(&selector) else {
                return;
            };
            let rect = tile.get_bounding_client_rect();
            if rect.top() < 0.0 || rect.bottom() > Viewport::at(0.0).height {
                let to = ScrollIntoViewOptions::new();
                to.set_block(ScrollLogicalPosition::Center);
                tile.scroll_into_view_with_scroll_into_view_options(&to);
            }
        });
    });
}
