//! The information about a photo, and its caption.

use super::edit_date::EditDate;
use super::map::Map;
use crate::photos::entry::Entry;
use crate::photos::library::Library;
use crate::ui::messages;
use crate::ui::messages::untrusted::one_line;
use crate::ui::messages::uploads;
use crate::ui::messages::viewing;
use leptos::html::Textarea;
use leptos::prelude::*;
use model::photos::{Amendment, MAX_CAPTION_CHARS, Photo, Receipt, Shot};
use std::time::Duration;

/// A caption is saved when nothing was typed for this long.
const CAPTION_DEBOUNCE: Duration = Duration::from_secs(1);

/// From this many remaining characters on, their number shows.
const CAPTION_COUNTDOWN: usize = 50;

/// The caption, editable by the owner.
#[component]
pub fn Caption(entry: Entry) -> impl IntoView {
    let library = Library::from_context();
    let text = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| photo.caption.clone().unwrap_or_default()))
    };
    let area = NodeRef::<Textarea>::new();
    // Do not overwrite what is being typed.
    Effect::new(move |_| {
        let text = text.get();
        let Some(area) = area.get() else { return };
        let is_focused = document().active_element().is_some_and(|active| active == **area);
        if !is_focused {
            area.set_value(&text);
        }
    });
    let length = RwSignal::new(text.with_untracked(|text| text.chars().count()));
    let left = move || MAX_CAPTION_CHARS.saturating_sub(length.get());
    let save = move |value: String| {
        if entry.peek(|photo| value.trim() != photo.caption.as_deref().unwrap_or_default()) {
            library.amend(entry.clone(), Amendment::Caption { text: value });
        }
    };
    // Saved while typing, so that closing the window loses little.
    let mut save_debounced = debounce(CAPTION_DEBOUNCE, save.clone());
    let write = move |event| {
        let value = event_target_value(&event);
        length.set(value.chars().count());
        save_debounced(value);
    };
    view! {
        <p class="without-script" dir="auto">{text.get_untracked()}</p>
        <div class="field caption with-script">
            <label for="caption">{viewing::CAPTION}</label>
            <textarea
                id="caption"
                dir="auto"
                rows="2"
                maxlength=MAX_CAPTION_CHARS.to_string()
                placeholder=viewing::CAPTION_HINT
                node_ref=area
                on:input=write
                on:change=move |event| save(event_target_value(&event))
            >
                {text.get_untracked()}
            </textarea>
            <p class="hint" role="status">{move || (left() <= CAPTION_COUNTDOWN).then(|| viewing::caption_left(left()))}</p>
        </div>
    }
}

/// The information about a photo.
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
                        <dt>{messages::DIMENSIONS}</dt>
                        <dd>{messages::dimensions(size)}</dd>
                    })}
                    <dt>{messages::FILE_SIZE}</dt>
                    <dd>{messages::file_size(photo.bytes)}</dd>
                    {photo.receipt.as_ref().map(|receipt| view! {
                        <dt>{uploads::CHECKED}</dt>
                        <dd>
                            {uploads::checked(photo, receipt)}
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

/// The date and its source.
fn date(photo: &Photo) -> impl IntoView + use<> {
    view! {
        <dt>{viewing::dated(photo.date_source)}</dt>
        <dd><time datetime=photo.datetime()>{messages::taken(photo)}</time></dd>
    }
}

/// What the camera recorded.
fn facts_of_shot(shot: &Shot) -> impl IntoView + use<> {
    let exposure = messages::exposure(shot);
    [
        (messages::CAMERA, shot.camera.as_deref().map(one_line)),
        (messages::LENS, shot.lens.as_deref().map(one_line)),
        (messages::EXPOSURE, (!exposure.is_empty()).then_some(exposure)),
        (messages::PLACE, shot.place.map(messages::place)),
    ]
    .into_iter()
    .filter_map(|(name, fact)| fact.map(|fact| view! { <dt>{name}</dt><dd dir="auto">{fact}</dd> }))
    .collect_view()
}

/// The checksums of the receipt: by the browser, on arrival, and by the store.
#[component]
fn Checksums(announced: String, receipt: Receipt) -> impl IntoView {
    view! {
        <details class="receipt">
            <summary>{uploads::CHECKSUM}</summary>
            <dl>
                <dt>{uploads::ON_YOUR_DEVICE}</dt>
                <dd><code>{announced}</code></dd>
                <dt>{uploads::ON_ARRIVAL}</dt>
                <dd><code>{receipt.sha256}</code></dd>
                {receipt.store.map(|store| view! {
                    <dt>{uploads::IN_STORAGE}</dt>
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
    fn a_date_has_its_source_and_known_precision() {
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
