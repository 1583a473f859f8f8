//! What is known of a photo, and what its owner says about it.

use super::edit_date::EditDate;
use super::map::Map;
use crate::photos::entry::Entry;
use crate::photos::library::Library;
use crate::ui::words;
use crate::ui::words::looking;
use crate::ui::words::untrusted::one_line;
use crate::ui::words::uploads as own;
use leptos::html::Textarea;
use leptos::prelude::*;
use model::photos::{Amendment, MAX_CAPTION_CHARS, Photo, Receipt, Shot};
use std::time::Duration;

/// A caption is kept when nothing was written for so long.
const CAPTION_RESTS: Duration = Duration::from_secs(1);

/// So many characters before its end, a caption says how many are left.
const CAPTION_NEARS_END: usize = 50;

/// What its owner says about it.
#[component]
pub fn Caption(entry: Entry) -> impl IntoView {
    let library = Library::here();
    let text = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| photo.caption.clone().unwrap_or_default()))
    };
    let area = NodeRef::<Textarea>::new();
    // Not under the hands of who writes.
    Effect::new(move |_| {
        let text = text.get();
        let Some(area) = area.get() else { return };
        let is_written_in = document().active_element().is_some_and(|active| active == **area);
        if !is_written_in {
            area.set_value(&text);
        }
    });
    let length = RwSignal::new(text.with_untracked(|text| text.chars().count()));
    let left = move || MAX_CAPTION_CHARS.saturating_sub(length.get());
    let keep = move |written: String| {
        if entry.peek(|photo| written.trim() != photo.caption.as_deref().unwrap_or_default()) {
            library.amend(entry.clone(), Amendment::Caption { text: written });
        }
    };
    // Kept while it is written: nothing is lost where the window is closed.
    let mut keep_later = debounce(CAPTION_RESTS, keep.clone());
    let write = move |event| {
        let written = event_target_value(&event);
        length.set(written.chars().count());
        keep_later(written);
    };
    view! {
        <p class="without-script" dir="auto">{text.get_untracked()}</p>
        <div class="field caption with-script">
            <label for="caption">{looking::CAPTION}</label>
            <textarea
                id="caption"
                dir="auto"
                rows="2"
                maxlength=MAX_CAPTION_CHARS.to_string()
                placeholder=looking::CAPTION_HINT
                node_ref=area
                on:input=write
                on:change=move |event| keep(event_target_value(&event))
            >
                {text.get_untracked()}
            </textarea>
            <p class="hint" role="status">{move || (left() <= CAPTION_NEARS_END).then(|| looking::caption_left(left()))}</p>
        </div>
    }
}

/// What is known of it.
#[component]
pub fn Facts(entry: Entry) -> impl IntoView {
    let place = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| photo.shot.as_ref().and_then(|shot| shot.place)))
    };
    let edited = entry.clone();
    let facts = move || {
        entry.with(|photo| {
            view! {
                <dl class="facts">
                    {date(photo)}
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
    };
    view! {
        {facts}
        <EditDate entry=edited/>
        {move || place.get().map(|place| view! { <Map place/> })}
    }
}

/// Its date, and where that is from.
fn date(photo: &Photo) -> impl IntoView + use<> {
    view! {
        <dt>{looking::dated(photo.date_source)}</dt>
        <dd><time datetime=photo.datetime()>{words::taken(photo)}</time></dd>
    }
}

/// What the camera wrote, as far as it did.
fn facts_of_shot(shot: &Shot) -> impl IntoView + use<> {
    let exposure = words::exposure(shot);
    [
        (words::CAMERA, shot.camera.as_deref().map(one_line)),
        (words::LENS, shot.lens.as_deref().map(one_line)),
        (words::EXPOSURE, (!exposure.is_empty()).then_some(exposure)),
        (words::PLACE, shot.place.map(words::place)),
    ]
    .into_iter()
    .filter_map(|(name, fact)| fact.map(|fact| view! { <dt>{name}</dt><dd dir="auto">{fact}</dd> }))
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

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::photos::samples;
    use model::photos::DateSource;

    #[test]
    fn a_date_says_where_it_is_from_and_no_more_than_is_known() {
        let shown = |date_source, zone| {
            let photo = Photo {
                date_source,
                shot: Some(Shot { zone, ..Shot::default() }),
                // 7 April 2019, 12:00 in UTC.
                ..samples::photo(1, 1_554_638_400_000)
            };
            date(&photo).to_html()
        };
        for (source, zone, name, datetime, text) in [
            (
                DateSource::Metadata,
                Some(120),
                "Taken",
                "2019-04-07T14:00:00+02:00",
                "Sunday, 7 April 2019, 14:00 UTC+2",
            ),
            (
                DateSource::Metadata,
                None,
                "Taken",
                "2019-04-07T12:00:00",
                "Sunday, 7 April 2019, 12:00",
            ),
            (
                DateSource::FileModified,
                Some(-210),
                "File date",
                "2019-04-07T08:30:00-03:30",
                "Sunday, 7 April 2019, 08:30 UTC−3:30",
            ),
            (
                DateSource::FileName,
                None,
                "Date from the file name",
                "2019-04-07T12:00:00",
                "Sunday, 7 April 2019, 12:00",
            ),
            (
                DateSource::FileNameDay,
                None,
                "Date from the file name",
                "2019-04-07",
                "Sunday, 7 April 2019",
            ),
            (
                DateSource::Owner,
                None,
                "Taken (edited)",
                "2019-04-07T12:00:00",
                "Sunday, 7 April 2019, 12:00",
            ),
            (
                DateSource::Uploaded,
                Some(840),
                "Uploaded",
                "2019-04-08T02:00:00+14:00",
                "Monday, 8 April 2019, 02:00 UTC+14",
            ),
        ] {
            let html = shown(source, zone);
            assert!(html.contains(&format!(">{name}<")), "{html}");
            assert!(html.contains(&format!("<time datetime=\"{datetime}\">{text}<")), "{html}");
        }
    }
}
