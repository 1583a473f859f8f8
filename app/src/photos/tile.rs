//! Tiles of the timeline and the shelves.

use super::addresses::photo_address;
use super::entry::Entry;
use super::library::Library;
use super::photo_status::{POPOVER, UploadStatusTarget};
use super::picture::Picture;
use super::thumb_hash::ThumbHash;
use super::uploads::{Item, UploadManager, UploadState, state_text};
use crate::ui::messages;
use crate::ui::messages::untrusted::one_line;
use leptos::either::Either;
use leptos::prelude::*;
use model::ids::PhotoId;
use model::photos::{Photo, State};
use model::time::Day;
use model::timeline::Collection;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

/// The width of a tile, and somewhat more: wide pictures are cropped.
const SIZES: &str = "(min-width: 60rem) 24vw, (min-width: 36rem) 36vw, 60vw";

#[derive(Debug, Clone, PartialEq)]
enum TileContent {
    Picture { picture: Picture, alt: String },
    StatusText { text: String, percent: Option<u32> },
}

/// The state as CSS and the tests name it.
fn state_name(state: &State) -> &'static str {
    match state {
        State::Expected => "expected",
        State::Received => "received",
        State::Developing { .. } => "developing",
        State::Ready => "ready",
        State::Refused { .. } => "refused",
    }
}

fn content(photo: &Photo, sending: Option<&Item>) -> TileContent {
    let state = sending.map(|item| (item, item.state()));
    let (text, percent) = match (&photo.state, state) {
        (State::Ready, _) if let Some(picture) = Picture::of(photo, 320) => {
            let alt = messages::picture(photo);
            return TileContent::Picture { picture, alt };
        }
        (State::Expected, Some((item, state))) if state.is_pending() => {
            let (text, unseen) = (state_text(item), item.note.with(|note| note.unseen));
            let text = if unseen { messages::uploads::unseen(&text) } else { text };
            (text, (state == UploadState::Sending).then(|| item.percent()))
        }
        (State::Expected | State::Refused { .. }, Some((_, UploadState::Failed(failure)))) => (failure.message(), None),
        (state, _) => (messages::state(state), percent_developed(state)),
    };
    TileContent::StatusText { text, percent }
}

fn percent_developed(state: &State) -> Option<u32> {
    match state {
        State::Developing { done, of } if *of > 0 => Some(100 * done / of),
        _ => None,
    }
}

/// The ThumbHash of an opaque picture.
fn thumb_hash(photo: &Photo) -> Option<ThumbHash> {
    ThumbHash::parse(photo.thumbhash.as_deref()?)
}

/// The URL of the preview while a photo is not ready, from the library or this window. It stays until the picture covers it, but not
/// under a transparent picture.
fn preview_for(photo: &Photo, thumbnail: Option<String>, previous: Option<String>) -> Option<String> {
    match photo.state {
        State::Ready => previous.filter(|_| thumb_hash(photo).is_some()),
        State::Refused { .. } => None,
        _ => photo.media.as_ref().and_then(|media| media.link(320)).or(thumbnail),
    }
}

/// The preview's `<img>`. One element for all sources, so that the old image stays until the next has loaded.
#[component]
fn Preview(src: Memo<Option<String>>) -> impl IntoView {
    view! {
        <Show when=move || src.with(Option::is_some)>
            <img class="below" src=move || src.get() alt="" aria-hidden="true"/>
        </Show>
    }
}

/// Handles clicks on the tiles of photos in a list: one listener for all of them.
pub fn on_tile_click() -> impl Fn(MouseEvent) {
    let library = Library::from_context();
    let target = use_context::<UploadStatusTarget>();
    move |event: MouseEvent| {
        let clicked = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let within = |selector: &str| clicked.as_ref()?.closest(selector).ok()?;
        let id = within("[data-photo]").and_then(|tile| tile.get_attribute("data-photo")?.parse::<PhotoId>().ok());
        let Some(entry) = id.and_then(|id| library.find(&id)) else {
            return;
        };
        if within("a").is_some() {
            library.hold_open(&entry);
        } else if within("button").is_some()
            && let Some(UploadStatusTarget(target)) = target
        {
            target.set(Some(entry));
        }
    }
}

/// The tile of a photo. Its list handles clicks, by [`on_tile_click`].
#[component]
pub fn Tile(
    entry: Entry,
    /// CSS class of its aspect ratio; a square without one.
    #[prop(optional, into)]
    shape: Option<String>,
    /// The day whose label stands above the tile.
    #[prop(optional_no_strip)]
    begins: Option<Day>,
    #[prop(optional_no_strip)] collection: Option<Collection>,
) -> impl IntoView {
    let (library, uploads) = (Library::from_context(), UploadManager::from_context());
    let id = entry.id.clone();
    let sending = {
        let id = id.clone();
        Memo::new(move |_| uploads.queue.item_for(&id))
    };
    let state = {
        let entry = entry.clone();
        move || {
            let failed = sending.with(|item| {
                item.as_ref()
                    .is_some_and(|item| matches!(item.state(), UploadState::Failed(_)))
            });
            match entry.with(|photo| state_name(&photo.state)) {
                "expected" if failed => "refused",
                name => name,
            }
        }
    };
    let colour = {
        let entry = entry.clone();
        move || entry.with(thumb_hash).and_then(|hash| hash.colour())
    };
    let preview = {
        let entry = entry.clone();
        let thumbnail = move || sending.with(|item| item.as_ref().and_then(|item| item.thumbnail.get()));
        Memo::new(move |previous: Option<&Option<String>>| {
            entry.with(|photo| preview_for(photo, thumbnail(), previous.cloned().flatten()))
        })
    };
    let name = entry.peek(|photo| photo.name.clone());
    let content = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| sending.with(|item| content(photo, item.as_ref()))))
    };
    let turned = {
        let entry = entry.clone();
        move || entry.with(|photo| photo.turned)
    };
    // For the view transition between the tile and the viewer.
    let opened = {
        let id = id.clone();
        Memo::new(move |_| library.is_opened(&id))
    };
    let address = photo_address(&id, collection);
    view! {
        <li class=format!("tile {}", shape.unwrap_or_default()) data-photo=id.to_string() data-state=state>
            {begins.map(|day| view! { <h2 class="day">{messages::day(day)}</h2> })}
            <div class="face" data-turned=turned>
            // Shows until the picture has loaded. The CSP allows no inline styles, so the colour is an attribute of an SVG.
            {move || colour().map(|colour| view! { <svg class="below" color=colour aria-hidden="true"></svg> })}
            <Preview src=preview/>
            {move || match content.get() {
                TileContent::Picture { picture, alt } => Either::Left(view! {
                    <a href=address.clone()>
                        <img
                            class="photo"
                            class:opened=move || opened.get()
                            loading="lazy"
                            decoding="async"
                            sizes=SIZES
                            srcset=picture.srcset
                            src=picture.src
                            width=picture.size.width
                            height=picture.size.height
                            alt=alt
                        />
                    </a>
                }),
                // The button opens the popover with the photo's status.
                TileContent::StatusText { text, percent } => Either::Right(view! {
                    <button type="button" class="ask" popovertarget=POPOVER title=messages::uploads::STATUS>
                        <StatusText name=name.clone() text percent/>
                    </button>
                    <a class="without-script" href=address.clone() aria-label=messages::uploads::DETAILS></a>
                }),
            }}
            <Show when=move || entry.with(|photo| photo.favourite)>
                <span class="heart" title=messages::viewing::FAVOURITE>{messages::viewing::FAVOURITE_SYMBOL}</span>
            </Show>
            </div>
        </li>
    }
}

/// The tile of a file that has no photo yet.
#[component]
pub fn FileTile(file: Item) -> impl IntoView {
    let uploads = UploadManager::from_context();
    let name = file.note.with_untracked(|note| note.name.clone());
    let label = messages::dismiss(&name);
    let file_name = name.clone();
    let file = StoredValue::new(file);
    let failed = Memo::new(move |_| matches!(file.with_value(Item::state), UploadState::Failed(_)));
    let text = Memo::new(move |_| file.with_value(state_text));
    let duplicate_of = Memo::new(move |_| file.with_value(Item::duplicate_of));
    let finished = Memo::new(move |_| failed.get() || duplicate_of.with(Option::is_some));
    let state = move || match (failed.get(), finished.get()) {
        (true, _) => "refused",
        (false, true) => "known",
        (false, false) => "expected",
    };
    let preview = Memo::new(move |_| file.with_value(|file| file.thumbnail.get()));
    view! {
        <li class="tile" data-file=file_name data-state=state>
            <div class="face">
            <Preview src=preview/>
            {move || view! { <StatusText name=name.clone() text=text.get() percent=None/> }}
            {move || duplicate_of.get().map(|id| view! { <a class="same" href=photo_address(&id, None)>{messages::uploads::VIEW_PHOTO}</a> })}
            <Show when=move || finished.get()>
                <button
                    type="button"
                    class="dismiss"
                    aria-label=label.clone()
                    title=messages::DISMISS
                    on:click=move |_| file.with_value(|file| uploads.dismiss(file))
                >
                    {messages::DISMISS_SYMBOL}
                </button>
            </Show>
            </div>
        </li>
    }
}

/// The text on a tile without picture.
#[component]
fn StatusText(name: String, text: String, percent: Option<u32>) -> impl IntoView {
    view! {
        <span class="note">
            <span class="file" dir="auto">{one_line(&name)}</span>
            <span class="state">{text}</span>
            {percent.map(|percent| view! { <progress max="100" value=percent aria-hidden="true"></progress> })}
        </span>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_name_on_a_tile_is_isolated_from_the_text_around_it() {
        let note = |name: &str| {
            let name = name.to_owned();
            view! { <StatusText name text="Waiting".to_owned() percent=None/> }.to_html()
        };
        assert!(note("rechnung\u{202e}gpj.exe\n").contains(">rechnung\u{fffd}gpj.exe\u{fffd}<"));
        let from_right = note("صورة العائلة ١.jpg");
        let named = from_right.split("<span").find(|span| span.contains(">صورة العائلة ١.jpg<"));
        assert!(named.is_some_and(|span| span.contains("dir=\"auto\"")), "{from_right}");
    }
}
