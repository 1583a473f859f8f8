//! The page of one photo.

mod facts;
mod map;
mod stage;
mod tools;

use super::api::{beside, photo};
use super::entry::Entry;
use super::library::Library;
use super::table::roll::Side;
use super::trouble::Trouble as LibraryTrouble;
use super::whereabouts::History;
use crate::ui::fault::Fault;
use crate::ui::frame::Frame;
use crate::ui::keys::is_written_in;
use crate::ui::notice::Trouble;
use crate::ui::words;
use facts::{Caption, Facts};
use leptos::either::Either;
use leptos::ev;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use model::ids::PhotoId;
use model::photos::{Amendment, Photo};
use model::refusals::Refusal;
use model::timeline::Neighbours;
use stage::Stage;
use std::time::Duration;
use tools::{Tools, download_original};

/// The photos that one can go to from here: the newer and the older.
type Sides = Memo<(Option<PhotoId>, Option<PhotoId>)>;

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
    // Only where this window does not know: the answer costs two reads.
    let told = Resource::new(
        move || {
            id.get()
                .filter(|id| matches!(untrack(|| library.beside(id)), (Side::Unknown, _) | (_, Side::Unknown)))
        },
        |id| async move {
            match id {
                Some(id) => beside(id).await.unwrap_or_default(),
                None => Neighbours::default(),
            }
        },
    );
    view! {
        <Frame>
            <Transition fallback=|| {
                view! { <p class="loading">{words::LOADING}</p> }
            }>
                {move || {
                    // What is held is shown at once, and completed when the answer is there.
                    let held = id.with(|id| id.as_ref().filter(|_| library.is_live()).and_then(|id| library.find(id)));
                    match held {
                        Some(entry) => {
                            library.hold_open(&entry);
                            Effect::new(move |_| {
                                if let Some(Ok(photo)) = asked.get() {
                                    library.open(photo);
                                }
                            });
                            let told = Signal::derive(move || told.get().unwrap_or_default());
                            Either::Left(view! { <Viewer entry told/> })
                        }
                        None => Either::Right(Suspend::new(async move {
                            match asked.await {
                                Ok(photo) => {
                                    let told = Signal::stored(told.await);
                                    Either::Left(view! { <Viewer entry=library.open(photo) told/> })
                                }
                                Err(fault) => Either::Right(view! {
                                    <Title text=words::NOTHING_HERE/>
                                    <Trouble fault/>
                                }),
                            }
                        })),
                    }
                }}
            </Transition>
            <LibraryTrouble library/>
        </Frame>
    }
}

#[component]
fn Viewer(
    entry: Entry,
    /// The photos beside it, as they were told with the page.
    told: Signal<Neighbours>,
) -> impl IntoView {
    let library = Library::here();
    let name = entry.peek(|photo| photo.name.clone());
    let sides: Sides = {
        let id = entry.id.clone();
        Memo::new(move |_| {
            let (newer, older) = library.beside(&id);
            told.with(|told| (side(newer, &told.newer), side(older, &told.older)))
        })
    };
    let bare = library.bare;
    // Who is faster than the answer need not press again.
    let pressed = RwSignal::new(None::<Direction>);
    listen_to_keys(library, entry.clone(), pressed);
    go_beside(pressed, sides);
    view! {
        <Title text=name.clone()/>
        <article class="viewer" class:bare=move || bare.get()>
            <div class="seen">
                <Stage entry=entry.clone() sides/>
                <Tools entry=entry.clone()/>
                <nav class="steps">
                    <a href=move || library.address()>{words::BACK}</a>
                    <span class="space"></span>
                    {move || sides.get().0.map(|id| view! { <a href=address(&id) rel="prev">{words::NEWER_PHOTO}</a> })}
                    {move || sides.get().1.map(|id| view! { <a href=address(&id) rel="next">{words::OLDER_PHOTO}</a> })}
                </nav>
            </div>
            <section class="about" aria-label=words::ABOUT>
                <h1>{name}</h1>
                <Caption entry=entry.clone()/>
                <Facts entry=entry.clone()/>
                <h2>{words::HISTORY}</h2>
                <History entry/>
            </section>
        </article>
    }
}

/// What this window knows goes before what was told when the page was made.
fn side(known: Side, told: &[Photo]) -> Option<PhotoId> {
    match known {
        Side::Known(id) => id,
        Side::Unknown => told.first().map(|photo| photo.id.clone()),
    }
}

/// How long a key waits for the answer.
const WAITS: Duration = Duration::from_secs(2);

/// Where one goes on to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Direction {
    Newer,
    Older,
}

/// Remembers where to for a moment: at the end of the timeline there is nowhere to go.
fn press(pressed: RwSignal<Option<Direction>>, to: Direction) {
    pressed.set(Some(to));
    set_timeout(
        move || {
            // The page may be gone by then.
            let _ = pressed.try_set(None);
        },
        WAITS,
    );
}

/// Goes to the photo beside this one, as soon as it is known.
fn go_beside(pressed: RwSignal<Option<Direction>>, sides: Sides) {
    let navigate = use_navigate();
    Effect::new(move |_| {
        let (newer, older) = sides.get();
        let goal = match pressed.get() {
            Some(Direction::Newer) => newer,
            Some(Direction::Older) => older,
            None => return,
        };
        if let Some(goal) = goal {
            pressed.set(None);
            navigate(&address(&goal), NavigateOptions::default());
        }
    });
}

/// Escape goes back, the arrows go to the photos beside this one, and letters change it.
fn listen_to_keys(library: Library, entry: Entry, pressed: RwSignal<Option<Direction>>) {
    let navigate = use_navigate();
    Effect::new(move |_| {
        let (navigate, entry) = (navigate.clone(), entry.clone());
        let listener = window_event_listener(ev::keydown, move |event| {
            let elsewhere = event.default_prevented() || is_written_in(&event) || a_sheet_is_open();
            if elsewhere || event.alt_key() || event.ctrl_key() || event.meta_key() {
                return;
            }
            match event.key().as_str() {
                "Escape" => navigate(&library.address(), NavigateOptions::default()),
                "ArrowLeft" => press(pressed, Direction::Newer),
                "ArrowRight" => press(pressed, Direction::Older),
                key if act(library, &entry, key) => {}
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || listener.remove());
    });
}

/// Does what a key stands for; answers whether it stands for something.
fn act(library: Library, entry: &Entry, key: &str) -> bool {
    let change = |amendment: fn(&Photo) -> Amendment| library.amend(entry.clone(), entry.peek(amendment));
    match key {
        "f" => change(favourite),
        "r" => change(turn),
        "e" => change(archive),
        "i" => library.bare.update(|bare| *bare = !*bare),
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

/// Whether keys are for what lies over the page.
fn a_sheet_is_open() -> bool {
    document().query_selector("dialog[open]").is_ok_and(|sheet| sheet.is_some())
}

fn address(id: &PhotoId) -> String {
    format!("/photos/{id}")
}
