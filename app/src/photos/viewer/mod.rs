//! The viewer: the page of one photo.

mod amendments;
mod edit_date;
mod information;
mod map;
mod neighbours;
mod picture_view;
mod tools;
mod zoom;

use super::addresses::{collection_of, photo_address};
use super::api::{neighbours_of, photo};
use super::entry::Entry;
use super::error_toast::ErrorToast;
use super::library::Library;
use super::library::day_index::Neighbour;
use super::photo_status::History;
use crate::frame::Frame;
use crate::ui::connection::ask_again_on_return;
use crate::ui::error::RequestError;
use crate::ui::error_views::LoadError;
use crate::ui::messages;
use crate::ui::messages::untrusted::{isolated, one_line};
use crate::ui::shortcuts::is_shortcut;
use amendments::{archive, favourite, turn};
use information::{Caption, Facts};
use leptos::either::Either;
use leptos::ev;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use leptos_use_event_listener::use_event_listener;
use leptos_use_window::use_window;
use model::ids::PhotoId;
use model::photos::{Amendment, Photo};
use model::timeline::{Collection, Neighbours};
use model::user_error::UserError;
use neighbours::{Direction, NeighbourMemo};
use picture_view::PictureView;
use tools::{Tools, download_original};

/// The page of one photo.
#[component]
pub fn ViewerPage() -> impl IntoView {
    let library = Library::from_context();
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<PhotoId>().ok()));
    let response = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => photo(id).await,
                None => Err(RequestError::Refused(UserError::NotFound)),
            }
        },
    );
    ask_again_on_return(move || library.live(), response);
    let query = use_query_map();
    let collection = Memo::new(move |_| query.with(collection_of));
    // The server is asked for neighbours only if they are not held, as for an archived photo: that costs two reads.
    let wanted = Memo::new(move |_| {
        let (id, collection) = (id.get()?, collection.get());
        let unknown = matches!(
            library.neighbours(&id, collection),
            (Neighbour::Unknown, _) | (_, Neighbour::Unknown)
        );
        Some((id, collection, unknown))
    });
    let fetched = Resource::new(
        move || wanted.get(),
        |wanted| async move {
            let (id, collection, unknown) = wanted?;
            if !unknown {
                return None;
            }
            let neighbours = neighbours_of(id.clone(), collection).await.ok()?;
            Some((id, collection, neighbours))
        },
    );
    // In an effect: read in the view below, the resources would suspend a photo that is held already.
    let current_fetched = RwSignal::new(None::<(PhotoId, Option<Collection>, Neighbours)>);
    Effect::new(move |_| {
        if let Some(answer) = fetched.get().flatten() {
            current_fetched.set(Some(answer));
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(photo)) = response.get()
            && id.with(|id| id.as_ref() == Some(&photo.id))
            && library.find(&photo.id).is_some()
        {
            library.open(photo);
        }
    });
    // Keys are handled before the photo has loaded, and remembered.
    let requested = RwSignal::new(None::<Direction>);
    listen_to_keys(library, id, collection, requested);
    view! {
        <Frame>
            <Transition fallback=|| {
                view! { <p class="loading">{messages::LOADING}</p> }
            }>
                {move || {
                    let held = id.with(|id| id.as_ref().filter(|_| library.is_live()).and_then(|id| library.find(id)));
                    match held {
                        Some(entry) => {
                            library.hold_open(&entry);
                            let id = entry.id.clone();
                            let fetched = Signal::derive(move || {
                                let fetched = current_fetched.get().filter(|(of, on, _)| *of == id && *on == collection.get());
                                fetched.map(|(_, _, fetched)| fetched)
                            });
                            Either::Left(view! { <Viewer entry collection fetched requested/> })
                        }
                        None => Either::Right(Suspend::new(async move {
                            match response.await {
                                Ok(photo) => {
                                    let fetched = Signal::stored(fetched.await.map(|(_, _, fetched)| fetched));
                                    Either::Left(view! { <Viewer entry=library.open(photo) collection fetched requested/> })
                                }
                                Err(error) => {
                                    let heading = if matches!(error, RequestError::Refused(_)) { messages::PAGE_NOT_FOUND } else { messages::PHOTO };
                                    Either::Right(view! {
                                        <Title text=heading/>
                                        <h1 class="hidden">{heading}</h1>
                                        <LoadError error/>
                                    })
                                }
                            }
                        })),
                    }
                }}
            </Transition>
            <ErrorToast library/>
        </Frame>
    }
}

#[component]
fn Viewer(
    entry: Entry,
    /// Where it was opened from; None for the timeline.
    collection: Memo<Option<Collection>>,
    /// Its neighbours from the server, if they were fetched.
    fetched: Signal<Option<Neighbours>>,
    /// The direction in which to navigate.
    requested: RwSignal<Option<Direction>>,
) -> impl IntoView {
    let library = Library::from_context();
    let name = entry.peek(|photo| photo.name.clone());
    let neighbours: NeighbourMemo = {
        let id = entry.id.clone();
        Memo::new(move |_| {
            let (newer, older) = library.neighbours(&id, collection.get());
            fetched.with(|fetched| {
                let fetched = fetched.as_ref();
                (
                    known_or_fetched(newer, fetched.map(|fetched| &*fetched.newer)),
                    known_or_fetched(older, fetched.map(|fetched| &*fetched.older)),
                )
            })
        })
    };
    let info_hidden = library.info_hidden;
    navigate_on_request(requested, collection, neighbours);
    view! {
        <Title text=isolated(&name)/>
        <article class="viewer" class:collapsed=move || info_hidden.get()>
            <div class="seen">
                <PictureView entry=entry.clone() neighbours requested/>
                <Tools entry=entry.clone()/>
                <nav class="neighbours">
                    <a href=move || list_address(library, collection.get())>{messages::BACK}</a>
                    <span class="space"></span>
                    {move || neighbours.get().0.photo().map(|id| view! { <a href=photo_address(&id, collection.get()) rel="prev">{messages::NEWER_PHOTO}</a> })}
                    {move || neighbours.get().1.photo().map(|id| view! { <a href=photo_address(&id, collection.get()) rel="next">{messages::OLDER_PHOTO}</a> })}
                </nav>
            </div>
            <section class="about" aria-label=messages::ABOUT>
                <h1 dir="auto">{one_line(&name)}</h1>
                <Caption entry=entry.clone()/>
                <Facts entry=entry.clone()/>
                <h2>{messages::HISTORY}</h2>
                <History entry/>
            </section>
        </article>
    }
}

/// Prefers what is held to what was fetched.
fn known_or_fetched(known: Neighbour, fetched: Option<&[Photo]>) -> Neighbour {
    match (known, fetched) {
        (Neighbour::Unknown, Some(fetched)) => Neighbour::Known(fetched.first().map(|photo| photo.id.clone())),
        (known, _) => known,
    }
}

/// Navigates to a neighbour as soon as it is known.
fn navigate_on_request(requested: RwSignal<Option<Direction>>, collection: Memo<Option<Collection>>, neighbours: NeighbourMemo) {
    let navigate = use_navigate();
    Effect::new(move |_| {
        let (newer, older) = neighbours.get();
        let target = match requested.get() {
            Some(Direction::Newer) => newer,
            Some(Direction::Older) => older,
            None => return,
        };
        let Neighbour::Known(target) = target else { return };
        requested.set(None);
        if let Some(target) = target {
            navigate(
                &photo_address(&target, collection.get_untracked()),
                NavigateOptions::default(),
            );
        }
    });
}

/// Shortcuts: Escape returns to the list, arrows navigate, and letters change the photo.
fn listen_to_keys(
    library: Library,
    id: Memo<Option<PhotoId>>,
    collection: Memo<Option<Collection>>,
    requested: RwSignal<Option<Direction>>,
) {
    let navigate = use_navigate();
    let _ = use_event_listener(use_window(), ev::keydown, move |event| {
        if !is_shortcut(&event) {
            return;
        }
        // Caps lock gives capital letters.
        let key = event.key();
        let key = if key.chars().count() == 1 { key.to_lowercase() } else { key };
        match key.as_str() {
            "Escape" => navigate(&list_address(library, collection.get_untracked()), NavigateOptions::default()),
            "ArrowLeft" => requested.set(Some(Direction::Newer)),
            "ArrowRight" => requested.set(Some(Direction::Older)),
            key if shown_entry(library, id).is_some_and(|entry| act(library, &entry, key)) => {}
            _ => return,
        }
        event.prevent_default();
    });
}

/// The open photo, once it is loaded.
fn shown_entry(library: Library, id: Memo<Option<PhotoId>>) -> Option<Entry> {
    library
        .opened()
        .filter(|entry| id.with_untracked(|id| id.as_ref() == Some(&entry.id)))
}

/// Handles a shortcut. Returns false for other keys.
fn act(library: Library, entry: &Entry, key: &str) -> bool {
    let change = |amendment: fn(&Photo) -> Amendment| library.amend(entry.clone(), entry.peek(amendment));
    match key {
        "f" => change(favourite),
        "r" => change(turn),
        "e" => change(archive),
        "i" => library.info_hidden.update(|info_hidden| *info_hidden = !*info_hidden),
        "d" => download_original(entry),
        _ => return false,
    }
    true
}

/// The URL of the list that the photo was opened from.
fn list_address(library: Library, collection: Option<Collection>) -> String {
    collection.map_or_else(|| library.address(), |collection| library.collection_path(collection))
}
