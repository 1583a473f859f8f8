//! What is known of a photo, and what its owner says about it.

use super::map::Map;
use crate::photos::entry::Entry;
use crate::photos::library::Library;
use crate::ui::words;
use crate::ui::words::looking;
use crate::ui::words::uploads as own;
use leptos::prelude::*;
use model::photos::{Amendment, MAX_CAPTION_CHARS, Receipt, Shot};

/// What its owner says about it: kept when they go on.
#[component]
pub fn Caption(entry: Entry) -> impl IntoView {
    let library = Library::here();
    let text = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| photo.caption.clone().unwrap_or_default()))
    };
    let keep = move |event| {
        let written = event_target_value(&event);
        if entry.peek(|photo| written.trim() != photo.caption.as_deref().unwrap_or_default()) {
            library.amend(entry.clone(), Amendment::Caption { text: written });
        }
    };
    view! {
        <div class="field caption">
            <label for="caption">{looking::CAPTION}</label>
            <textarea
                id="caption"
                rows="2"
                maxlength=MAX_CAPTION_CHARS.to_string()
                placeholder=looking::CAPTION_HINT
                prop:value=move || text.get()
                on:change=keep
            >
                {text.get_untracked()}
            </textarea>
        </div>
    }
}

/// What is known of it.
#[component]
pub fn Facts(entry: Entry) -> impl IntoView {
    move || {
        entry.with(|photo| {
            let place = photo.shot.as_ref().and_then(|shot| shot.place);
            view! {
                <dl class="facts">
                    <dt>{words::TAKEN}</dt>
                    <dd><time datetime=photo.taken_at.rfc3339()>{words::taken(photo)}</time></dd>
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
                {place.map(|place| view! { <Map place/> })}
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
