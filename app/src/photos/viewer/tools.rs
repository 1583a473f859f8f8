//! The toolbar of the viewer.

use super::amendments::{archive, favourite, turn};
use crate::photos::entry::Entry;
use crate::photos::library::Library;
use crate::ui::menu::Menu;
use crate::ui::messages::viewing as messages;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::photos::{Amendment, Photo, State};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

/// How long the button says that the link is copied.
const COPIED_MS: u32 = 2_000;

/// The toolbar. It may outlive its owner until the next photo has loaded, so each closure holds the entry itself.
#[component]
pub fn Tools(entry: Entry) -> impl IntoView {
    let library = Library::from_context();
    let reads = |look: fn(&Photo) -> bool| {
        let entry = entry.clone();
        move || entry.with(look)
    };
    let change = |amendment: fn(&Photo) -> Amendment| {
        let entry = entry.clone();
        move |_| library.amend(entry.clone(), entry.peek(amendment))
    };
    let is_favourite = reads(|photo| photo.favourite);
    let is_archived = reads(|photo| photo.archived_at.is_some());
    let copied = RwSignal::new(false);
    let copy = move |_| {
        spawn_local(async move {
            let Ok(address) = window().location().href() else { return };
            let written = JsFuture::from(window().navigator().clipboard().write_text(&address)).await;
            // The component may be gone.
            let _ = copied.try_set(written.is_ok());
            TimeoutFuture::new(COPIED_MS).await;
            let _ = copied.try_set(false);
        });
    };
    view! {
        <div class="tools" role="toolbar" aria-label=crate::ui::messages::ABOUT>
            <button type="button" class="quiet with-script" aria-pressed=move || is_favourite().to_string() on:click=change(favourite)>
                <span aria-hidden="true">{messages::FAVOURITE_SYMBOL}</span>
                " "
                {messages::FAVOURITE}
            </button>
            <button type="button" class="quiet with-script" on:click=change(turn)>{messages::ROTATE}</button>
            <button type="button" class="quiet with-script" on:click=change(archive)>
                {move || if is_archived() { messages::UNARCHIVE } else { messages::ARCHIVE }}
            </button>
            <button type="button" class="quiet with-script" on:click=copy>
                {move || if copied.get() { messages::COPIED } else { messages::COPY_LINK }}
            </button>
            <Downloads entry=entry.clone()/>
            <button
                type="button"
                class="quiet information with-script"
                aria-pressed=move || (!library.info_hidden.get()).to_string()
                on:click=move |_| library.info_hidden.update(|info_hidden| *info_hidden = !*info_hidden)
            >
                {messages::INFORMATION}
            </button>
        </div>
    }
}

/// Links to the original and to each rendition, which work without a script.
#[component]
fn Downloads(entry: Entry) -> impl IntoView {
    let original = format!("/photos/{}/original", entry.id);
    let is_stored = {
        let entry = entry.clone();
        move || entry.with(|photo| !matches!(photo.state, State::Expected))
    };
    view! {
        <Menu class="downloads" label=messages::DOWNLOAD>
            <ul>
                <Show when=is_stored>
                    <li><a href=original.clone() rel="external" download="">{messages::ORIGINAL}</a></li>
                </Show>
                {move || entry.with(renditions).into_iter().map(|(text, href, name)| view! {
                    <li><a href=href rel="external" download=name>{text}</a></li>
                }).collect_view()}
            </ul>
        </Menu>
    }
}

/// Text, URL and file name of each rendition.
fn renditions(photo: &Photo) -> Vec<(String, String, String)> {
    let Some(media) = photo.media.as_ref().filter(|_| photo.state == State::Ready) else {
        return vec![];
    };
    let stem = photo.name.rsplit_once('.').map_or(photo.name.as_str(), |(stem, _)| stem);
    let long = photo.size.map_or(0, |size| size.width.max(size.height));
    let link_to = |width: u32, format: &str| {
        let shown = width.min(long.max(1));
        Some((
            messages::rendition(shown, format),
            format!("{}&as={format}", media.link(width)?),
            format!("{stem}-{shown}.{format}"),
        ))
    };
    let widths = media.widths.iter().rev();
    widths
        .flat_map(|width| media.formats.iter().filter_map(|format| link_to(*width, format)))
        .collect()
}

/// Downloads the original, like its link.
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
