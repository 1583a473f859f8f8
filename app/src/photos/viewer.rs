//! The page of one photo.

use super::api::photo;
use super::library::{Entry, Library};
use super::picture::Picture;
use super::placeholder::placeholder;
use super::whereabouts::History;
use crate::ui::fault::Fault;
use crate::ui::frame::Frame;
use crate::ui::notice::Trouble;
use crate::ui::words;
use crate::ui::words::uploads as own;
use leptos::either::Either;
use leptos::ev;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use model::ids::PhotoId;
use model::photos::{Receipt, Shot, State};
use model::refusals::Refusal;

/// The page of one photo.
#[component]
pub fn ViewerPage() -> impl IntoView {
    let library = Library::here();
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<PhotoId>().ok()));
    let photo = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => photo(id).await,
                None => Err(Fault::Refused(Refusal::NotFound)),
            }
        },
    );
    listen_to_keys(library, id);
    view! {
        <Frame>
            <Transition fallback=|| {
                view! { <p class="loading">{words::LOADING}</p> }
            }>
                {move || Suspend::new(async move {
                    match photo.await {
                        Ok(photo) => Either::Left(view! { <Viewer entry=library.open(photo)/> }),
                        Err(fault) => Either::Right(view! {
                            <Title text=words::NOTHING_HERE/>
                            <Trouble fault/>
                        }),
                    }
                })}
            </Transition>
        </Frame>
    }
}

#[component]
fn Viewer(entry: Entry) -> impl IntoView {
    let library = Library::here();
    let name = entry.peek(|photo| photo.name.clone());
    let neighbours = {
        let id = entry.id.clone();
        Memo::new(move |_| library.neighbours(&id))
    };
    view! {
        <Title text=name.clone()/>
        <article class="viewer">
            <Stage entry=entry.clone()/>
            <nav class="steps">
                <a href=move || library.address()>{words::BACK}</a>
                <span class="space"></span>
                {move || neighbours.get().0.map(|id| view! { <a href=address(&id) rel="prev">{words::NEWER_PHOTO}</a> })}
                {move || neighbours.get().1.map(|id| view! { <a href=address(&id) rel="next">{words::OLDER_PHOTO}</a> })}
            </nav>
            <section class="about" aria-label=words::ABOUT>
                <h1>{name}</h1>
                <Facts entry=entry.clone()/>
                <h2>{words::HISTORY}</h2>
                <History entry/>
            </section>
        </article>
    }
}

/// The picture, or what stands in its way.
#[component]
fn Stage(entry: Entry) -> impl IntoView {
    let below = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| Some((photo.thumbhash.as_deref().and_then(placeholder)?, photo.size?))))
    };
    let picture = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| Picture::of(photo, 1920).map(|picture| (picture, words::picture(photo)))))
    };
    // Before it is ready there may be a preview to look at.
    let state = Memo::new(move |_| entry.with(|photo| (photo.state != State::Ready).then(|| words::state(&photo.state))));
    view! {
        <div class="stage">
            // An SVG has the picture's very shape, which a ThumbHash knows only roughly.
            {move || below.get().map(|(src, size)| view! {
                <svg class="below" viewBox=format!("0 0 {} {}", size.width, size.height) aria-hidden="true">
                    <image href=src width=size.width height=size.height preserveAspectRatio="none"></image>
                </svg>
            })}
            {move || picture.get().map(|(picture, alt)| {
                let moves = picture.animation.clone();
                view! {
                    <picture>
                        {moves.map(|moves| view! { <source media="(prefers-reduced-motion: no-preference)" type="image/webp" srcset=moves/> })}
                        <img
                            class="photo"
                            sizes="100vw"
                            srcset=picture.srcset
                            src=picture.src
                            width=picture.size.width
                            height=picture.size.height
                            alt=alt
                            decoding="async"
                        />
                    </picture>
                }
            })}
            {move || state.get().map(|state| view! { <p class="state" role="status">{state}</p> })}
        </div>
    }
}

#[component]
fn Facts(entry: Entry) -> impl IntoView {
    move || {
        entry.with(|photo| {
            view! {
                <dl class="facts">
                    <dt>{words::TAKEN}</dt>
                    <dd><time datetime=photo.taken_at.rfc3339()>{words::date(photo.taken_at)}</time></dd>
                    {photo.shot.as_ref().map(facts_of_shot)}
                    {photo.size.map(|size| view! {
                        <dt>{words::DIMENSIONS}</dt>
                        <dd>{words::dimensions(size)}</dd>
                    })}
                    <dt>{words::FILE_SIZE}</dt>
                    <dd>{words::file_size(photo.bytes)}</dd>
                    {photo.receipt.as_ref().map(|receipt| view! {
                        <dt>{own::CHECKED}</dt>
                        <dd>
                            {own::checked(photo, receipt)}
                            <Checksums announced=photo.sha256.clone() receipt=receipt.clone()/>
                        </dd>
                    })}
                </dl>
            }
        })
    }
}

/// What the camera wrote, as far as it did.
fn facts_of_shot(shot: &Shot) -> impl IntoView + use<> {
    let exposure = words::exposure(shot);
    [
        (words::CAMERA, shot.camera.clone()),
        (words::LENS, shot.lens.clone()),
        (words::EXPOSURE, (!exposure.is_empty()).then_some(exposure)),
        (words::PLACE, shot.place.map(words::place)),
    ]
    .into_iter()
    .filter_map(|(name, fact)| fact.map(|fact| view! { <dt>{name}</dt><dd>{fact}</dd> }))
    .collect_view()
}

/// The receipt: what the browser computed, what was computed on arrival, and what the store did by itself.
#[component]
fn Checksums(announced: String, receipt: Receipt) -> impl IntoView {
    view! {
        <details class="receipt">
            <summary>{own::CHECKSUM}</summary>
            <dl>
                <dt>{own::ON_YOUR_DEVICE}</dt>
                <dd><code>{announced}</code></dd>
                <dt>{own::ON_ARRIVAL}</dt>
                <dd><code>{receipt.sha256}</code></dd>
                {receipt.store.map(|store| view! {
                    <dt>{own::IN_THE_STORE}</dt>
                    <dd><code>{store}</code></dd>
                })}
            </dl>
        </details>
    }
}

/// Escape goes back, the arrows go to the photos beside this one.
fn listen_to_keys(library: Library, id: Memo<Option<PhotoId>>) {
    let navigate = use_navigate();
    Effect::new(move |_| {
        let navigate = navigate.clone();
        let listener = window_event_listener(ev::keydown, move |event| {
            if event.default_prevented() || event.alt_key() || event.ctrl_key() || event.meta_key() || event.shift_key() {
                return;
            }
            let (newer, older) = untrack(|| id.with(|id| id.as_ref().map(|id| library.neighbours(id)).unwrap_or_default()));
            let goal = match event.key().as_str() {
                "Escape" => Some(untrack(|| library.address())),
                "ArrowLeft" => newer.as_ref().map(address),
                "ArrowRight" => older.as_ref().map(address),
                _ => None,
            };
            if let Some(goal) = goal {
                event.prevent_default();
                navigate(&goal, NavigateOptions::default());
            }
        });
        on_cleanup(move || listener.remove());
    });
}

fn address(id: &PhotoId) -> String {
    format!("/photos/{id}")
}
