//! A photo, or what is to become one, on the light table.

use super::addresses::photo_address;
use super::entry::Entry;
use super::ground::{Below, Ground};
use super::library::Library;
use super::picture::Picture;
use super::placeholder::Placeholder;
use super::uploads::{Item, Stage, Uploads, stage_words};
use super::whereabouts::{POPOVER, Whereabouts};
use crate::ui::words;
use crate::ui::words::untrusted::one_line;
use leptos::either::Either;
use leptos::prelude::*;
use model::photos::{Photo, State};
use model::time::Day;
use model::timeline::Shelf;

/// As wide as tiles get; somewhat more, for a tile shows the middle of a picture that is wider than it.
const SIZES: &str = "(min-width: 60rem) 24vw, (min-width: 36rem) 36vw, 60vw";

/// What a tile shows.
#[derive(Debug, Clone, PartialEq)]
enum Face {
    Picture { picture: Picture, alt: String },
    Note { text: String, percent: Option<u32> },
}

/// The name of a state, for style and tests.
fn name_of(state: &State) -> &'static str {
    match state {
        State::Expected => "expected",
        State::Received => "received",
        State::Developing { .. } => "developing",
        State::Ready => "ready",
        State::Refused { .. } => "refused",
    }
}

fn face(photo: &Photo, sending: Option<&Item>) -> Face {
    let stage = sending.map(|item| (item, item.stage()));
    let (text, percent) = match (&photo.state, stage) {
        (State::Ready, _) if let Some(picture) = Picture::of(photo, 320) => {
            let alt = words::picture(photo);
            return Face::Picture { picture, alt };
        }
        (State::Expected, Some((item, stage))) if stage.is_under_way() => {
            let (text, unseen) = (stage_words(item), item.with(|note| note.unseen));
            let text = if unseen { words::uploads::unseen(&text) } else { text };
            (text, (stage == Stage::Going).then(|| item.percent()))
        }
        (State::Expected | State::Refused { .. }, Some((_, Stage::Failed(failure)))) => (failure.words(), None),
        (state, _) => (words::state(state), share_done(state)),
    };
    Face::Note { text, percent }
}

fn share_done(state: &State) -> Option<u32> {
    match state {
        State::Developing { done, of } if *of > 0 => Some(100 * done / of),
        _ => None,
    }
}

/// What stands below: the preview of a photo that is on its way, the library's or `small` from here, or else its ThumbHash. A preview stays until the picture has
/// loaded over it, unless one can see through the picture: it would show for good.
fn ground(photo: &Photo, small: Option<String>, before: Option<Ground>) -> Option<Ground> {
    let hash = photo.thumbhash.as_deref().and_then(Placeholder::parse).map(Ground::Hash);
    match photo.state {
        State::Ready => before.filter(|_| hash.is_some()).or(hash),
        State::Refused { .. } => hash,
        _ => {
            let preview = photo.media.as_ref().and_then(|media| media.link(320)).or(small);
            preview.map(Ground::Preview).or(hash)
        }
    }
}

/// A photo's tile.
#[component]
pub fn Tile(
    entry: Entry,
    /// The class of its shape; without it it is a square.
    #[prop(optional, into)]
    shape: Option<String>,
    /// The day that begins with it.
    #[prop(optional_no_strip)]
    begins: Option<Day>,
    /// The shelf that it is on.
    #[prop(optional_no_strip)]
    shelf: Option<Shelf>,
) -> impl IntoView {
    let (library, uploads) = (Library::here(), Uploads::here());
    let id = entry.id.clone();
    let sending = {
        let id = id.clone();
        Memo::new(move |_| uploads.of(&id))
    };
    let state = {
        let entry = entry.clone();
        Memo::new(move |_| {
            let failed = sending.with(|item| item.as_ref().is_some_and(|item| matches!(item.stage(), Stage::Failed(_))));
            match entry.with(|photo| name_of(&photo.state)) {
                "expected" if failed => "refused",
                name => name,
            }
        })
    };
    let below = {
        let entry = entry.clone();
        let small = move || sending.with(|item| item.as_ref().and_then(Item::small));
        Memo::new(move |before: Option<&Option<Ground>>| entry.with(|photo| ground(photo, small(), before.cloned().flatten())))
    };
    let name = entry.peek(|photo| photo.name.clone());
    let face = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| sending.with(|item| face(photo, item.as_ref()))))
    };
    let turned = {
        let entry = entry.clone();
        move || entry.with(|photo| photo.turned)
    };
    let favourite = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| photo.favourite))
    };
    // The picture grows into the photo's page, and shrinks back.
    let opened = {
        let id = id.clone();
        Memo::new(move |_| library.is_opened(&id))
    };
    let address = photo_address(&id, shelf);
    view! {
        <li class=format!("tile {}", shape.unwrap_or_default()) data-photo=id.to_string() data-state=move || state.get()>
            {begins.map(|day| view! { <h2 class="day">{words::day(day)}</h2> })}
            <div class="face" data-turned=turned>
            <Below src=below/>
            {move || match face.get() {
                Face::Picture { picture, alt } => Either::Left(view! {
                    <a href=address.clone() on:click={
                        let entry = entry.clone();
                        move |_| library.hold_open(&entry)
                    }>
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
                Face::Note { text, percent } => Either::Right(view! { <Asked entry=entry.clone() name=name.clone() text percent/> }),
            }}
            <Show when=move || favourite.get()>
                <span class="heart" title=words::looking::FAVOURITE>{words::looking::FAVOURITE_SIGN}</span>
            </Show>
            </div>
        </li>
    }
}

/// A note that tells where the photo is, to those who ask.
#[component]
fn Asked(entry: Entry, name: String, text: String, percent: Option<u32>) -> impl IntoView {
    let address = photo_address(&entry.id, None);
    let ask = use_context::<Whereabouts>();
    let on_click = move |_| {
        if let Some(Whereabouts(asked)) = ask {
            asked.set(Some(entry.clone()));
        }
    };
    view! {
        <button type="button" class="ask" popovertarget=POPOVER title=words::uploads::WHERE on:click=on_click>
            <Note name text percent/>
        </button>
        <a class="without-script" href=address aria-label=words::uploads::DETAILS></a>
    }
}

/// A file's tile, before there is a photo.
#[component]
pub fn FileTile(file: Item) -> impl IntoView {
    let uploads = Uploads::here();
    let name = file.look(|note| note.name.clone());
    let label = words::dismiss(&name);
    let file_name = name.clone();
    let failed = {
        let file = file.clone();
        Memo::new(move |_| matches!(file.stage(), Stage::Failed(_)))
    };
    let text = {
        let file = file.clone();
        Memo::new(move |_| stage_words(&file))
    };
    let same = {
        let file = file.clone();
        Memo::new(move |_| {
            (file.stage() == Stage::Already)
                .then(|| file.with(|note| note.photo.clone()))
                .flatten()
        })
    };
    let over = Memo::new(move |_| failed.get() || same.with(Option::is_some));
    let state = move || match (failed.get(), over.get()) {
        (true, _) => "refused",
        (false, true) => "known",
        (false, false) => "expected",
    };
    let below = {
        let file = file.clone();
        Memo::new(move |_| file.small().map(Ground::Preview))
    };
    let file = StoredValue::new(file);
    view! {
        <li class="tile" data-file=file_name data-state=state>
            <div class="face">
            <Below src=below/>
            {move || view! { <Note name=name.clone() text=text.get() percent=None/> }}
            {move || same.get().map(|id| view! { <a class="same" href=photo_address(&id, None)>{words::uploads::LOOK}</a> })}
            <Show when=move || over.get()>
                <button
                    type="button"
                    class="dismiss"
                    aria-label=label.clone()
                    title=words::DISMISS
                    on:click=move |_| file.with_value(|file| uploads.dismiss(file))
                >
                    {words::DISMISS_SIGN}
                </button>
            </Show>
            </div>
        </li>
    }
}

/// What a tile says as long as there is no picture.
#[component]
fn Note(name: String, text: String, percent: Option<u32>) -> impl IntoView {
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
    fn a_name_on_a_tile_reorders_nothing_around_it() {
        let note = |name: &str| {
            let name = name.to_owned();
            view! { <Note name text="Waiting".to_owned() percent=None/> }.to_html()
        };
        assert!(note("rechnung\u{202e}gpj.exe\n").contains(">rechnung\u{fffd}gpj.exe\u{fffd}<"));
        let from_right = note("صورة العائلة ١.jpg");
        let named = from_right.split("<span").find(|span| span.contains(">صورة العائلة ١.jpg<"));
        assert!(named.is_some_and(|span| span.contains("dir=\"auto\"")), "{from_right}");
    }
}
