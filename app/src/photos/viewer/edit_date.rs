//! Correcting a photo's date.

use crate::photos::entry::{Entry, js_now};
use crate::photos::library::Library;
use crate::ui::messages::viewing;
use leptos::ev::SubmitEvent;
use leptos::html::{Details, Input, Summary};
use leptos::prelude::*;
use model::photos::{Amendment, DateSource, EARLIEST_WALL, latest_wall};
use model::time::Time;

/// A form to correct the date, or to revert the correction.
#[component]
pub fn EditDate(entry: Entry) -> impl IntoView {
    let library = Library::from_context();
    let (details, summary, input) = (NodeRef::<Details>::new(), NodeRef::<Summary>::new(), NodeRef::<Input>::new());
    let is_corrected = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|photo| photo.date_source == DateSource::Owner))
    };
    // On each opening: another window may have changed the date.
    let on_toggle = {
        let entry = entry.clone();
        move |_| {
            if let Some(input) = input.get_untracked() {
                input.set_max(&latest_wall(Time(js_now())).wall_text());
                input.set_value(&entry.peek(|photo| photo.wall().wall_text()));
            }
        }
    };
    let amend = move |wall: Option<Time>| {
        library.amend(entry.clone(), Amendment::Dated { wall });
        if let (Some(details), Some(summary)) = (details.get_untracked(), summary.get_untracked()) {
            details.set_open(false);
            // The control that had the focus is hidden now.
            let _ = summary.focus();
        }
    };
    let revert = {
        let amend = amend.clone();
        move |_| amend(None)
    };
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let value = input.get_untracked().map(|input| input.value()).unwrap_or_default();
        if let Some(wall) = Time::from_wall_text(&value) {
            amend(Some(wall));
        }
    };
    view! {
        <details class="edit-date with-script" node_ref=details on:toggle=on_toggle>
            <summary class="quiet" node_ref=summary>{viewing::EDIT_DATE}</summary>
            <form class="field" on:submit=save>
                <label for="date">{viewing::DATE_AND_TIME}</label>
                <input id="date" type="datetime-local" step="1" min=EARLIEST_WALL.wall_text() required node_ref=input/>
                <span class="choose">
                    <button class="button">{viewing::SAVE_DATE}</button>
                    {move || is_corrected.get().then(|| {
                        let revert = revert.clone();
                        view! { <button type="button" class="quiet" on:click=revert>{viewing::USE_ORIGINAL_DATE}</button> }
                    })}
                </span>
            </form>
        </details>
    }
}
