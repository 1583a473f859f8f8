//! A photo, or what is to become one, on the light table.

use super::library::Entry;
use super::picture::Picture;
use super::placeholder::placeholder;
use super::uploads::{Sending, Stage, Uploads, Waiting};
use crate::ui::words;
use crate::ui::words::uploads as own;
use leptos::either::Either;
use leptos::prelude::*;
use model::ids::PhotoId;
use model::photos::{Photo, State};

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

fn face(photo: &Photo, sending: Option<Sending>) -> Face {
    match (&photo.state, sending) {
        (State::Ready, _) => match Picture::of(photo, 320) {
            Some(picture) => Face::Picture {
                picture,
                alt: words::picture(photo),
            },
            None => Face::Note {
                text: words::state(&photo.state),
                percent: None,
            },
        },
        (State::Expected, Some(Sending::Going(percent))) => Face::Note {
            text: words::uploading(percent),
            percent: Some(percent),
        },
        (State::Expected | State::Refused { .. }, Some(Sending::Failed(failure))) => Face::Note {
            text: failure.words(),
            percent: None,
        },
        (state, _) => Face::Note {
            text: words::state(state),
            percent: share_done(state),
        },
    }
}

fn share_done(state: &State) -> Option<u32> {
    match state {
        State::Developing { done, of } if *of > 0 => Some(100 * done / of),
        _ => None,
    }
}

fn address_of(id: &PhotoId) -> String {
    format!("/photos/{id}")
}

/// What stands below a tile's words: the preview of a photo that is on its way, or else its ThumbHash.
fn ground(photo: &Photo) -> Option<String> {
    let preview = match photo.state {
        State::Expected | State::Received | State::Developing { .. } => photo.media.as_ref(),
        State::Ready | State::Refused { .. } => None,
    };
    preview
        .and_then(|media| media.link(320))
        .or_else(|| photo.thumbhash.as_deref().and_then(placeholder))
}

/// A photo's tile.
#[component]
pub fn Tile(entry: Entry) -> impl IntoView {
    let uploads = Uploads::here();
    let id = entry.id.clone();
    let sending = {
        let id = id.clone();
        Memo::new(move |_| uploads.of(&id))
    };
    let state = {
        let entry = entry.clone();
        move || match (entry.with(|photo| name_of(&photo.state)), sending.get()) {
            ("expected", Some(Sending::Failed(_))) => "refused",
            (name, _) => name,
        }
    };
    let below = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(ground))
    };
    let name = entry.peek(|photo| photo.name.clone());
    let face = Memo::new(move |_| entry.with(|photo| face(photo, sending.get())));
    let address = address_of(&id);
    view! {
        <li class="tile" data-photo=id.to_string() data-state=state>
            {move || below.get().map(|src| view! { <img class="below" src=src alt="" aria-hidden="true"/> })}
            {move || match face.get() {
                Face::Picture { picture, alt } => Either::Left(view! {
                    <a href=address.clone()>
                        <img
                            class="photo"
                            sizes=SIZES
                            srcset=picture.srcset
                            src=picture.src
                            width=picture.size.width
                            height=picture.size.height
                            alt=alt
                            loading="lazy"
                            decoding="async"
                        />
                    </a>
                }),
                Face::Note { text, percent } => Either::Right(view! { <Note name=name.clone() text percent/> }),
            }}
        </li>
    }
}

/// A file's tile, before there is a photo.
#[component]
pub fn FileTile(file: Waiting) -> impl IntoView {
    let uploads = Uploads::here();
    let Waiting { key, name, stage } = file;
    let label = words::dismiss(&name);
    let file_name = name.clone();
    let failed = {
        let stage = stage.clone();
        Memo::new(move |_| stage.with(|stage| matches!(stage, Stage::Failed(_))))
    };
    let over = {
        let stage = stage.clone();
        Memo::new(move |_| stage.with(Stage::is_over))
    };
    let same = {
        let stage = stage.clone();
        move || match stage.get() {
            Stage::Known(id) => Some(view! { <a class="same" href=address_of(&id)>{own::LOOK}</a> }),
            _ => None,
        }
    };
    let text = move || match stage.get() {
        Stage::Queued => words::WAITING.to_owned(),
        Stage::Preparing => words::PREPARING.to_owned(),
        Stage::Known(_) => own::KNOWN.to_owned(),
        Stage::Failed(failure) => failure.words(),
    };
    let state = move || match (failed.get(), over.get()) {
        (true, _) => "refused",
        (false, true) => "known",
        (false, false) => "expected",
    };
    view! {
        <li class="tile" data-file=file_name data-state=state>
            {move || view! { <Note name=name.clone() text=text() percent=None/> }}
            {same}
            <Show when=move || over.get()>
                <button type="button" class="dismiss" aria-label=label.clone() title=words::DISMISS on:click=move |_| uploads.remove(key)>
                    {words::DISMISS_SIGN}
                </button>
            </Show>
        </li>
    }
}

/// What a tile says as long as there is no picture.
#[component]
fn Note(name: String, text: String, percent: Option<u32>) -> impl IntoView {
    view! {
        <div class="note">
            <p class="file">{name}</p>
            <p class="state">{text}</p>
            {percent.map(|percent| view! { <progress max="100" value=percent aria-hidden="true"></progress> })}
        </div>
    }
}
