//! Drag and drop of files.

use super::choose::dropped;
use super::manager::UploadManager;
use crate::ui::messages;
use leptos::prelude::*;
use web_sys::DragEvent;

/// Accepts files that are dropped anywhere on the page.
#[component]
pub fn DropZone(children: Children) -> impl IntoView {
    let uploads = UploadManager::from_context();
    let dragging = RwSignal::new(false);
    let on_drop = move |event: DragEvent| {
        // Dropped text belongs to the field under the pointer.
        if !carries_files(&event) {
            return;
        }
        event.prevent_default();
        dragging.set(false);
        if let Some(transfer) = event.data_transfer() {
            dropped(&transfer, uploads);
        }
    };
    // Also on `dragenter`: an element that moves under the pointer, such as a new tile, gets no `dragover`.
    let on_drag = move |event: DragEvent| {
        if carries_files(&event) {
            event.prevent_default();
            dragging.set(true);
        }
    };
    // `dragleave` also fires between elements of the page.
    let on_leave = move |event: DragEvent| {
        if event.related_target().is_none() {
            dragging.set(false);
        }
    };
    view! {
        <div class="drop-zone" class:over=move || dragging.get() on:dragenter=on_drag on:dragover=on_drag on:dragleave=on_leave on:drop=on_drop>
            {children()}
            <p class="drop-here" aria-hidden="true">{messages::uploads::DROP_HERE}</p>
        </div>
    }
}

fn carries_files(event: &DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}
