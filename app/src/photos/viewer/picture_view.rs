//! The picture, with zoom.

use super::neighbours::{Direction, NeighbourMemo};
use super::zoom::Zoom;
use crate::photos::entry::Entry;
use crate::photos::library::Library;
use crate::photos::picture::Picture;
use crate::photos::thumb_hash::ThumbHash;
use crate::ui::messages;
use leptos::html::Div;
use leptos::prelude::*;
use model::photos::{Photo, State};

/// The ThumbHash of the placeholder under the picture, with the picture's width and height.
fn placeholder_for(photo: &Photo) -> Option<(String, u32, u32)> {
    let size = photo.size?;
    Some((photo.thumbhash.clone()?, size.width, size.height))
}

fn placeholder_url(thumbhash: &str) -> Option<String> {
    ThumbHash::parse(thumbhash)?.url()
}

/// The picture, or the state that it is in.
#[component]
pub fn PictureView(
    entry: Entry,
    neighbours: NeighbourMemo,
    /// The direction in which to navigate.
    requested: RwSignal<Option<Direction>>,
) -> impl IntoView {
    let library = Library::from_context();
    let placeholder = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(placeholder_for))
    };
    let picture = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| Picture::of(photo, 1920).map(|picture| (picture, messages::picture(photo)))))
    };
    // A preview may show before the photo is ready.
    let state = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| (photo.state != State::Ready).then(|| messages::state(&photo.state))))
    };
    let turned = {
        let entry = entry.clone();
        move || entry.with(|photo| photo.turned)
    };
    let full_width = {
        let entry = entry.clone();
        move || entry.peek(|photo| photo.shown_size().map_or(1, |size| size.width))
    };
    let (container, content) = (NodeRef::<Div>::new(), NodeRef::<Div>::new());
    let zoom = Zoom::new(container, content, full_width);
    zoom.listen(move |to| requested.set(Some(to)));
    preload(library, neighbours);
    view! {
        <div class="stage" class:zoomed=move || zoom.is_zoomed() node_ref=container>
            <div class="moved" data-turned=turned node_ref=content>
                // An SVG has the exact aspect ratio; that of a ThumbHash is rounded.
                {move || placeholder.get().and_then(|(thumbhash, width, height)| placeholder_url(&thumbhash).map(|src| view! {
                    <svg class="below" viewBox=format!("0 0 {width} {height}") aria-hidden="true">
                        <image href=src width=width height=height preserveAspectRatio="none"></image>
                    </svg>
                }))}
                {move || picture.get().map(|(picture, alt)| {
                    let animation = picture.animation.clone();
                    view! {
                        <picture>
                            {animation.map(|animation| view! { <source media="(prefers-reduced-motion: no-preference)" type="image/webp" srcset=animation/> })}
                            <img
                                class="photo"
                                sizes=move || zoom.sizes()
                                srcset=picture.srcset
                                src=picture.src
                                width=picture.size.width
                                height=picture.size.height
                                alt=alt
                                decoding="async"
                                draggable="false"
                            />
                        </picture>
                    }
                })}
            </div>
            {move || state.get().map(|state| view! { <p class="state" role="status">{state}</p> })}
        </div>
    }
}

/// Preloads the neighbours' pictures.
fn preload(library: Library, neighbours: NeighbourMemo) {
    // The effect's value keeps the images alive until the next run.
    Effect::new(move |_| {
        let (newer, older) = neighbours.get();
        let pictures = [older, newer].into_iter().filter_map(|side| {
            let picture = library.find(&side.photo()?)?.peek(|photo| Picture::of(photo, 1920))?;
            let image = web_sys::HtmlImageElement::new().ok()?;
            image.set_sizes("100vw");
            image.set_srcset(&picture.srcset);
            Some(image)
        });
        pictures.collect::<Vec<_>>()
    });
}
