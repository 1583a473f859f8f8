//! Photos that are looked at by themselves: the favourites, and the archive.

use super::api::shelf as shelf_page;
use super::library::Library;
use super::tile::Tile;
use super::trouble::Trouble as LibraryTrouble;
use super::whereabouts::{WhereIsIt, Whereabouts};
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
use model::timeline::{Shelf, Start};

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

#[component]
fn ShelfPage(shelf: Shelf, title: &'static str, empty: &'static str) -> impl IntoView {
    let library = Library::here();
    let asked = RwSignal::new(None);
    provide_context(Whereabouts(asked));
    let query = use_query_map();
    let behind = Memo::new(move |_| query.with(|query| query.get("behind")));
    let page = Resource::new(
        move || behind.get(),
        move |behind| shelf_page(shelf, behind.map_or(Start::Newest, Start::Behind)),
    );
    ask_again_on_return(library, page);
    let entries = move || {
        library
            .shelf
            .with(|held| held.as_ref().map(|(_, entries)| entries.clone()).unwrap_or_default())
    };
    view! {
        <Title text=title/>
        <Frame>
            <header class="heading">
                <h1>{title}</h1>
                <span class="space"></span>
                {match shelf {
                    Shelf::Favourites => view! { <a class="quiet" href="/archive">{own::ARCHIVED}</a> },
                    Shelf::Archive => view! { <a class="quiet" href="/favourites">{own::FAVOURITES}</a> },
                }}
            </header>
            <Suspense fallback=|| {
                view! { <p class="loading">{words::LOADING}</p> }
            }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) => {
                            let older = page.older.clone();
                            library.load_shelf(shelf, page);
                            Either::Left(view! {
                                <ul class="grid" aria-label=title>
                                    <For each=entries key=|entry| entry.id.clone() let:entry>
                                        <Tile entry/>
                                    </For>
                                </ul>
                                <Show when=move || entries().is_empty()>
                                    <p class="empty">{empty}</p>
                                </Show>
                                <nav class="pages">
                                    {older.map(|behind| {
                                        let href = format!("?behind={}", Url::escape(&behind));
                                        view! { <a href=href rel="next">{words::OLDER}</a> }
                                    })}
                                </nav>
                            })
                        }
                        Err(fault) => Either::Right(view! { <Trouble fault/> }),
                    }
                })}
            </Suspense>
            <WhereIsIt asked/>
            <LibraryTrouble library/>
        </Frame>
    }
}
