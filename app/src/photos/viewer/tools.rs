//! What can be done with a photo.

use super::{archive, favourite, turn};
use crate::photos::entry::Entry;
use crate::photos::library::Library;
use crate::ui::menu::Menu;
use crate::ui::words::looking as words;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::photos::{Amendment, Photo, State};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

/// How long a button says that it has copied.
const COPIED_MS: u32 = 2_000;

/// The tools, beneath the picture. They may be shown for longer than their owner lives, until the next photo is there: so each holds the entry itself.
#[component]
pub fn Tools(entry: Entry) -> impl IntoView {
    let library = Library::here();
    let tells = |look: fn(&Photo) -> bool| {
        let entry = entry.clone();
        move || entry.with(look)
    };
    let change = |amendment: fn(&Photo) -> Amendment| {
        let entry = entry.clone();
        move |_| library.amend(entry.clone(), entry.peek(amendment))
    };
    let is_favourite = tells(|photo| photo.favourite);
    let is_archived = tells(|photo| photo.archived_at.is_some());
    let copied = RwSignal::new(false);
    let copy = move |_| {
        spawn_local(async move {
            let Ok(address) = window().location().href() else { return };
            let written = JsFuture::from(window().navigator().clipboard().write_text(&address)).await;
            // The page may be gone by then.
            let _ = copied.try_set(written.is_ok());
            TimeoutFuture::new(COPIED_MS).await;
            let _ = copied.try_set(false);
        });
    };
    view! {
        <div class="tools" role="toolbar" aria-label=crate::ui::words::ABOUT>
            <button type="button" class="quiet with-script" aria-pressed=move || is_favourite().to_string() on:click=change(favourite)>
                <span aria-hidden="true">{words::FAVOURITE_SIGN}</span>
                " "
                {words::FAVOURITE}
            </button>
            <button type="button" class="quiet with-script" on:click=change(turn)>{words::ROTATE}</button>
            <button type="button" class="quiet with-script" on:click=change(archive)>
                {move || if is_archived() { words::UNARCHIVE } else { words::ARCHIVE }}
            </button>
            <button type="button" class="quiet with-script" on:click=copy>
                {move || if copied.get() { words::COPIED } else { words::COPY_LINK }}
            </button>
            <Downloads entry=entry.clone()/>
            <button
                type="button"
                class="quiet information with-script"
                aria-pressed=move || (!library.info_hidden.get()).to_string()
                on:click=move |_| library.info_hidden.update(|info_hidden| *info_hidden = !*info_hidden)
            >
                {words::INFORMATION}
            </button>
        </div>
    }
}

/// The original, and each rendition in each format. Links, which need no script.
#[component]
fn Downloads(entry: Entry) -> impl IntoView {
    let original = format!("/photos/{}/original", entry.id);
    let there = {
        let entry = entry.clone();
        move || entry.with(|photo| !matches!(photo.state, State::Expected))
    };
    view! {
        <Menu class="downloads" label=words::DOWNLOAD>
            <ul>
                <Show when=there>
                    <li><a href=original.clone() rel="external" download="">{words::ORIGINAL}</a></li>
                </Show>
                {move || entry.with(renditions).into_iter().map(|(text, href, name)| view! {
                    <li><a href=href rel="external" download=name>{text}</a></li>
                }).collect_view()}
            </ul>
        </Menu>
    }
}

/// What each is called, where it is, and as what it is saved.
fn renditions(photo: &Photo) -> Vec<(String, String, String)> {
    let Some(media) = photo.media.as_ref().filter(|_| photo.state == State::Ready) else {
        return vec![];
    };
    let stem = photo.name.rsplit_once('.').map_or(photo.name.as_str(), |(stem, _)| stem);
    let long = photo.size.map_or(0, |size| size.width.max(size.height));
    let each = |width: u32, format: &str| {
        let shown = width.min(long.max(1));
        Some((
            words::rendition(shown, format),
            format!("{}&as={format}", media.link(width)?),
            format!("{stem}-{shown}.{format}"),
        ))
    };
    let widths = media.widths.iter().rev();
    widths
        .flat_map(|width| media.formats.iter().filter_map(|format| each(*width, format)))
        .collect()
}

/// Saves the original, as its link would.
pub fn download_original(entry: &Entry) {
    let link = document()
        .create_element("a")
        .ok()
        .and_then(|link| link.dyn_into::<HtmlElement>().ok());
    if let Some(link) = link {
        let href = format!("/photos/{}/original", entry.id);
        let set = link
            .set_attribute("href", &href)
            .and_then(|()| link.set_attribute("download", ""));
        if set.is_ok() {
            link.click();
        }
    }
}
