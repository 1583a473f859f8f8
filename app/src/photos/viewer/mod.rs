//! The page of one photo.

mod edit_date;
mod facts;
mod map;
mod stage;
mod tools;

use super::addresses::{photo_address, shelf_of};
use super::api::{beside, photo};
use super::entry::Entry;
use super::library::Library;
use super::table::roll::Neighbour;
use super::trouble::ErrorToast;
use super::whereabouts::History;
use crate::ui::connection::ask_again_on_return;
use crate::ui::fault::Fault;
use crate::ui::frame::Frame;
use crate::ui::keys::is_shortcut;
use crate::ui::notice::Trouble;
use crate::ui::words;
use crate::ui::words::untrusted::{isolated, one_line};
use facts::{Caption, Facts};
use leptos::either::Either;
use leptos::ev;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use model::ids::PhotoId;
use model::photos::{Amendment, Photo};
use model::refusals::Refusal;
use model::timeline::{Neighbours, Shelf};
use stage::Stage;
use tools::{Tools, download_original};

/// What is beside the photo: the newer and the older.
type Sides = Memo<(Neighbour, Neighbour)>;

/// The page of one photo.
#[component]
pub fn ViewerPage() -> impl IntoView {
    let library = Library::here();
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<PhotoId>().ok()));
    let asked = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => photo(id).await,
                None => Err(Fault::Refused(Refusal::NotFound)),
            }
        },
    );
    ask_again_on_return(library, asked);
    let query = use_query_map();
    let shelf = Memo::new(move |_| query.with(shelf_of));
    // Only where this window does not know, as of a photo that was archived meanwhile: the answer costs two reads.
    let wanted = Memo::new(move |_| {
        let (id, shelf) = (id.get()?, shelf.get());
        let unknown = matches!(library.neighbours(&id, shelf), (Neighbour::Unknown, _) | (_, Neighbour::Unknown));
        Some((id, shelf, unknown))
    });
    let told = Resource::new(
        move || wanted.get(),
        |wanted| async move {
            let (id, shelf, unknown) = wanted?;
            if !unknown {
                return None;
            }
            let neighbours = beside(id.clone(), shelf).await.ok()?;
            Some((id, shelf, neighbours))
        },
    );
    // What is held is shown at once and completed when the answers are there. Read below, they would make it wait for them.
    let beside_it = RwSignal::new(None::<(PhotoId, Option<Shelf>, Neighbours)>);
    Effect::new(move |_| {
        if let Some(answer) = told.get().flatten() {
            beside_it.set(Some(answer));
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(photo)) = asked.get()
            && id.with(|id| id.as_ref() == Some(&photo.id))
            && library.find(&photo.id).is_some()
        {
            library.open(photo);
        }
    });
    // Who is faster than the answer need not press again: the page hears keys before the photo is there.
    let pressed = RwSignal::new(None::<Direction>);
    listen_to_keys(library, id, shelf, pressed);
    view! {
        <Frame>
            <Transition fallback=|| {
                view! { <p class="loading">{words::LOADING}</p> }
            }>
                {move || {
                    let held = id.with(|id| id.as_ref().filter(|_| library.is_live()).and_then(|id| library.find(id)));
                    match held {
                        Some(entry) => {
                            library.hold_open(&entry);
                            let id = entry.id.clone();
                            let told = Signal::derive(move || {
                                let told = beside_it.get().filter(|(of, on, _)| *of == id && *on == shelf.get());
                                told.map(|(_, _, told)| told)
                            });
                            Either::Left(view! { <Viewer entry shelf told pressed/> })
                        }
                        None => Either::Right(Suspend::new(async move {
                            match asked.await {
                                Ok(photo) => {
                                    let told = Signal::stored(told.await.map(|(_, _, told)| told));
                                    Either::Left(view! { <Viewer entry=library.open(photo) shelf told pressed/> })
                                }
                                Err(fault) => {
                                    let heading = if matches!(fault, Fault::Refused(_)) { words::NOTHING_HERE } else { words::PHOTO };
                                    Either::Right(view! {
                                        <Title text=heading/>
                                        <h1 class="hidden">{heading}</h1>
                                        <Trouble fault/>
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
    /// Where it is looked at from, if not from the timeline.
    shelf: Memo<Option<Shelf>>,
    /// The photos beside it, as far as the server was asked, once it has answered.
    told: Signal<Option<Neighbours>>,
    /// Where one wants to go on to.
    pressed: RwSignal<Option<Direction>>,
) -> impl IntoView {
    let library = Library::here();
    let name = entry.peek(|photo| photo.name.clone());
    let sides: Sides = {
        let id = entry.id.clone();
        Memo::new(move |_| {
            let (newer, older) = library.neighbours(&id, shelf.get());
            told.with(|told| {
                let told = told.as_ref();
                (
                    side(newer, told.map(|told| &*told.newer)),
                    side(older, told.map(|told| &*told.older)),
                )
            })
        })
    };
    let info_hidden = library.info_hidden;
    go_beside(pressed, shelf, sides);
    view! {
        <Title text=isolated(&name)/>
        <article class="viewer" class:bare=move || info_hidden.get()>
            <div class="seen">
                <Stage entry=entry.clone() sides pressed/>
                <Tools entry=entry.clone()/>
                <nav class="beside">
                    <a href=move || back(library, shelf.get())>{words::BACK}</a>
                    <span class="space"></span>
                    {move || sides.get().0.photo().map(|id| view! { <a href=photo_address(&id, shelf.get()) rel="prev">{words::NEWER_PHOTO}</a> })}
                    {move || sides.get().1.photo().map(|id| view! { <a href=photo_address(&id, shelf.get()) rel="next">{words::OLDER_PHOTO}</a> })}
                </nav>
            </div>
            <section class="about" aria-label=words::ABOUT>
                <h1 dir="auto">{one_line(&name)}</h1>
                <Caption entry=entry.clone()/>
                <Facts entry=entry.clone()/>
                <h2>{words::HISTORY}</h2>
                <History entry/>
            </section>
        </article>
    }
}

/// What this window knows goes before what was told.
fn side(known: Neighbour, told: Option<&[Photo]>) -> Neighbour {
    match (known, told) {
        (Neighbour::Unknown, Some(told)) => Neighbour::Known(told.first().map(|photo| photo.id.clone())),
        (known, _) => known,
    }
}

/// Where one goes on to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Direction {
    /// By the left arrow, and by a swipe to the right.
    Newer,
    /// By the right arrow, and by a swipe to the left.
    Older,
}

/// Goes to the photo beside this one, as soon as it is known; at the end of the timeline there is nowhere to go.
fn go_beside(pressed: RwSignal<Option<Direction>>, shelf: Memo<Option<Shelf>>, sides: Sides) {
    let navigate = use_navigate();
    Effect::new(move |_| {
        let (newer, older) = sides.get();
        let goal = match pressed.get() {
            Some(Direction::Newer) => newer,
            Some(Direction::Older) => older,
            None => return,
        };
        let Neighbour::Known(goal) = goal else { return };
        pressed.set(None);
        if let Some(goal) = goal {
            navigate(&photo_address(&goal, shelf.get_untracked()), NavigateOptions::default());
        }
    });
}

/// Escape goes back, the arrows go to the photos beside this one, and letters change it.
fn listen_to_keys(library: Library, id: Memo<Option<PhotoId>>, shelf: Memo<Option<Shelf>>, pressed: RwSignal<Option<Direction>>) {
    let navigate = use_navigate();
    Effect::new(move |_| {
        let navigate = navigate.clone();
        let listener = window_event_listener(ev::keydown, move |event| {
            if !is_shortcut(&event) {
                return;
            }
            // With caps lock letters are capitals.
            let key = event.key();
            let key = if key.chars().count() == 1 { key.to_lowercase() } else { key };
            match key.as_str() {
                "Escape" => navigate(&back(library, shelf.get_untracked()), NavigateOptions::default()),
                "ArrowLeft" => pressed.set(Some(Direction::Newer)),
                "ArrowRight" => pressed.set(Some(Direction::Older)),
                key if shown(library, id).is_some_and(|entry| act(library, &entry, key)) => {}
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || listener.remove());
    });
}

/// The photo that is looked at, once it is there.
fn shown(library: Library, id: Memo<Option<PhotoId>>) -> Option<Entry> {
    library
        .opened()
        .filter(|entry| id.with_untracked(|id| id.as_ref() == Some(&entry.id)))
}

/// Does what a key stands for; answers whether it stands for something.
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

/// The other way round.
fn favourite(photo: &Photo) -> Amendment {
    Amendment::Favourite { on: !photo.favourite }
}

/// A quarter turn clockwise.
fn turn(photo: &Photo) -> Amendment {
    Amendment::Turned {
        quarters: (photo.turned + 1) % 4,
    }
}

/// Away, or back.
fn archive(photo: &Photo) -> Amendment {
    Amendment::Archived {
        on: photo.archived_at.is_none(),
    }
}

/// Where the photo is looked at from.
fn back(library: Library, shelf: Option<Shelf>) -> String {
    shelf.map_or_else(|| library.address(), |shelf| library.shelf_page(shelf))
}
