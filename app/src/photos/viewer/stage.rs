//! The picture: as large as the window, and larger for who looks closer.

mod zoom;

use super::{Direction, Sides};
use crate::photos::entry::Entry;
use crate::photos::ground::PlaceholderImage;
use crate::photos::library::Library;
use crate::photos::picture::Picture;
use crate::photos::placeholder::ThumbHash;
use crate::ui::words;
use leptos::html::Div;
use leptos::prelude::*;
use model::photos::{Photo, State};
use zoom::Zoom;

/// What is below the picture, and in which shape.
fn placeholder_for(photo: &Photo) -> Option<(PlaceholderImage, u32, u32)> {
    let size = photo.size?;
    let hash = ThumbHash::parse(photo.thumbhash.as_deref()?)?;
    Some((PlaceholderImage::ThumbHash(hash), size.width, size.height))
}

/// The picture, or what stands in its way.
#[component]
pub fn Stage(
    entry: Entry,
    sides: Sides,
    /// Where one wants to go on to.
    pressed: RwSignal<Option<Direction>>,
) -> impl IntoView {
    let library = Library::here();
    let placeholder = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(placeholder_for))
    };
    let picture = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| Picture::of(photo, 1920).map(|picture| (picture, words::picture(photo)))))
    };
    // Before it is ready there may be a preview to look at.
    let state = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| (photo.state != State::Ready).then(|| words::state(&photo.state))))
    };
    let turned = {
        let entry = entry.clone();
        move || entry.with(|photo| photo.turned)
    };
    let whole = {
        let entry = entry.clone();
        move || entry.peek(|photo| photo.shown_size().map_or(1, |size| size.width))
    };
    let (stage, moved) = (NodeRef::<Div>::new(), NodeRef::<Div>::new());
    let zoom = Zoom::new(stage, moved, whole);
    zoom.listen(move |to| pressed.set(Some(to)));
    preload(library, sides);
    view! {
        <div class="stage" class:near=move || zoom.is_near() node_ref=stage>
            <div class="moved" data-turned=turned node_ref=moved>
                // An SVG has the picture's very shape, which a ThumbHash knows only roughly.
                {move || placeholder.get().map(|(src, width, height)| view! {
                    <svg class="below" viewBox=format!("0 0 {width} {height}") aria-hidden="true">
                        <image href=src width=width height=height preserveAspectRatio="none"></image>
                    </svg>
                })}
                {move || picture.get().map(|(picture, alt)| {
                    let moves = picture.animation.clone();
                    view! {
                        <picture>
                            {moves.map(|moves| view! { <source media="(prefers-reduced-motion: no-preference)" type="image/webp" srcset=moves/> })}
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

/// Fetches what comes next, as it will be shown.
fn preload(library: Library, sides: Sides) {
    // What an effect answers with it holds until the next time.
    Effect::new(move |_| {
        let (newer, older) = sides.get();
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
