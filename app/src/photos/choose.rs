//! Ways to choose files: the browser's own choice, a folder, dropped files and folders, and what is pasted.

use super::library::Library;
use super::sending::send_all;
use super::uploads::Uploads;
use crate::ui::words;
use crate::ui::words::uploads as own;
use futures::channel::oneshot;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::photos::KINDS;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry, FileSystemFileEntry,
    HtmlInputElement,
};

/// The buttons that choose photos, or a folder of them.
#[component]
pub fn UploadButtons() -> impl IntoView {
    let (library, uploads) = (Library::here(), Uploads::here());
    let take = move |event: ev::Event, from_folder: bool| {
        let input = event_target::<HtmlInputElement>(&event);
        let files = input.files().map(|files| listed(&files)).unwrap_or_default();
        send_all(
            files.into_iter().filter(|file| !from_folder || is_photo(file)),
            uploads,
            library,
        );
        // So that the same file can be chosen again.
        input.set_value("");
    };
    view! {
        <span class="upload">
            <input id="files" class="hidden" type="file" multiple accept=KINDS.join(",") on:change=move |event| take(event, false)/>
            <label for="files" class="button primary">{words::UPLOAD}</label>
        </span>
        <span class="upload folder">
            <input id="folder" class="hidden" type="file" multiple prop:webkitdirectory=true on:change=move |event| take(event, true)/>
            <label for="folder" class="quiet">{own::FOLDER}</label>
        </span>
        <noscript>{words::UPLOAD_NEEDS_SCRIPT}</noscript>
    }
}

/// Sends what was dropped: files as they are, and the photos of folders.
pub fn send_dropped(dropped: &DataTransfer, uploads: Uploads, library: Library) {
    let items = dropped.items();
    let entries: VecDeque<FileSystemEntry> = (0..items.length())
        .filter_map(|at| items.get(at)?.webkit_get_as_entry().ok().flatten())
        .collect();
    let has_folders = entries.iter().any(FileSystemEntry::is_directory);
    if !has_folders {
        let files = dropped.files().map(|files| listed(&files)).unwrap_or_default();
        return send_all(files, uploads, library);
    }
    spawn_local(async move {
        let mut entries = entries;
        // The files on top were meant, whatever they are; what lies in a folder beside photos was not.
        let mut on_top = entries.len();
        while let Some(entry) = entries.pop_front() {
            let meant = on_top > 0;
            on_top = on_top.saturating_sub(1);
            if let Ok(folder) = entry.clone().dyn_into::<FileSystemDirectoryEntry>() {
                entries.extend(within(&folder).await);
            } else if let Some(file) = file_of(entry.unchecked_into()).await.filter(|file| meant || is_photo(file)) {
                send_all([file], uploads, library);
            }
        }
    });
}

/// From now on sends pictures that are pasted into the page.
pub fn listen_to_pastes(uploads: Uploads, library: Library) {
    Effect::new(move |_| {
        let listener = window_event_listener(ev::paste, move |event| {
            let files = event.clipboard_data().and_then(|pasted| pasted.files());
            let files = files.map(|files| listed(&files)).unwrap_or_default();
            if !files.is_empty() {
                event.prevent_default();
                send_all(files, uploads, library);
            }
        });
        on_cleanup(move || listener.remove());
    });
}

fn listed(files: &FileList) -> Vec<File> {
    (0..files.length()).filter_map(|at| files.item(at)).collect()
}

fn is_photo(file: &File) -> bool {
    KINDS.contains(&file.type_().as_str())
}

/// What lies in a folder. Browsers tell it a hundred at a time, and at last nothing.
async fn within(folder: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader: FileSystemDirectoryReader = folder.create_reader();
    let mut all = vec![];
    loop {
        let told = answered(|done, failed| reader.read_entries_with_callback_and_callback(done, failed)).await;
        let entries = told.map(|told| js_sys::Array::from(&told)).unwrap_or_default();
        if entries.length() == 0 {
            return all;
        }
        all.extend(entries.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

async fn file_of(entry: FileSystemFileEntry) -> Option<File> {
    let told = answered(|done, failed| {
        entry.file_with_callback_and_callback(done, failed);
        Ok(())
    });
    told.await?.dyn_into().ok()
}

/// What a function tells one of its two callbacks: the first what it found, the second that it found nothing.
async fn answered(ask: impl FnOnce(&js_sys::Function, &js_sys::Function) -> Result<(), JsValue>) -> Option<JsValue> {
    let (tell, told) = oneshot::channel::<Option<JsValue>>();
    let tell = Rc::new(RefCell::new(Some(tell)));
    let say = |answer: Option<JsValue>, tell: &RefCell<Option<oneshot::Sender<_>>>| {
        if let Some(tell) = tell.borrow_mut().take() {
            // Nobody waits any more where the page is gone.
            let _ = tell.send(answer);
        }
    };
    let done = {
        let tell = tell.clone();
        Closure::<dyn FnMut(JsValue)>::new(move |answer| say(Some(answer), &tell))
    };
    let failed = Closure::<dyn FnMut(JsValue)>::new(move |_| say(None, &tell));
    ask(done.as_ref().unchecked_ref(), failed.as_ref().unchecked_ref()).ok()?;
    told.await.ok().flatten()
}
