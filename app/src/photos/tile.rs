//! A photo, or what is to become one, on the light table.

use super::library::Entry;
use super::picture::Picture;
use super::placeholder::placeholder;
use super::uploads::{Sending, Stage, Uploads, Waiting};
use crate::ui::words;
use leptos::either::Either;
use leptos::prelude::*;
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
        Memo::new(move |_| entry.with(|photo| photo.thumbhash.as_deref().and_then(placeholder)))
    };
    let name = entry.peek(|photo| photo.name.clone());
    let face = Memo::new(move |_| entry.with(|photo| face(photo, sending.get())));
    let address = format!("/photos/{id}");
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
    let text = move || match stage.get() {
        Stage::Queued => words::WAITING.to_owned(),
        Stage::Preparing => words::PREPARING.to_owned(),
        Stage::Failed(failure) => failure.words(),
    };
    view! {
        <li class="tile" data-file=file_name data-state=move || if failed.get() { "refused" } else { "expected" }>
            {move || view! { <Note name=name.clone() text=text() percent=None/> }}
            <Show when=move || failed.get()>
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
