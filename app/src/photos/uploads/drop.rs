//! Files that are dropped on a page.

use super::choose::dropped;
use super::queue::Uploads;
use crate::ui::words;
use leptos::prelude::*;
use web_sys::DragEvent;

/// A page that takes dropped files anywhere.
#[component]
pub fn DropZone(children: Children) -> impl IntoView {
    let uploads = Uploads::here();
    let over = RwSignal::new(false);
    let on_drop = move |event: DragEvent| {
        // Text is for the field that it is dropped on.
        if !carries_files(&event) {
            return;
        }
        event.prevent_default();
        over.set(false);
        if let Some(transfer) = event.data_transfer() {
            dropped(&transfer, uploads);
        }
    };
    // An element that the pointer just came onto gets `dragenter` and no `dragover`: tiles that arrive move under it.
    let on_drag = move |event: DragEvent| {
        if carries_files(&event) {
            event.prevent_default();
            over.set(true);
        }
    };
    // Going from one element to the next within the page is no leaving.
    let on_leave = move |event: DragEvent| {
        if event.related_target().is_none() {
            over.set(false);
        }
    };
    view! {
        <div class="drop-zone" class:over=move || over.get() on:dragenter=on_drag on:dragover=on_drag on:dragleave=on_leave on:drop=on_drop>
            {children()}
            <p class="drop-here" aria-hidden="true">{words::uploads::DROP_HERE}</p>
        </div>
    }
}

fn carries_files(event: &DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|carried| carried.types().includes(&"Files".into(), 0))
}
