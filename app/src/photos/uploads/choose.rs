//! Choosing files: by file input, drag and drop, and paste.

use super::callbacks::callbacks;
use super::decodable::first_bytes;
use super::kind::kind_by_bytes;
use super::manager::UploadManager;
use crate::ui::messages::uploads as messages;
use js_sys::{Array, Function};
use leptos::attr::custom::custom_attribute;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::photos::{acceptable, kind_of};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    ClipboardEvent, DataTransfer, DataTransferItem, File, FileList, FileSystemDirectoryEntry, FileSystemEntry,
    FileSystemFileEntry, HtmlInputElement,
};

/// How many bytes `infer` needs to recognise a file type.
const SIGNATURE_BYTES: f64 = 512.0;

/// File inputs: for files, a folder, and the camera.
#[component]
pub fn Choices() -> impl IntoView {
    let uploads = UploadManager::from_context();
    let choose = move |event: ev::Event| uploads.add(chosen_files(&event));
    // Folders may contain other files, which are skipped.
    let folder = custom_attribute("webkitdirectory", "");
    let choose_folder = move |event: ev::Event| {
        let files = chosen_files(&event);
        spawn_local(async move { uploads.add(pictures(files).await) });
    };
    view! {
        <span class="upload">
            <input id="files" class="hidden" type="file" multiple accept=acceptable() on:change=choose/>
            <label for="files" class="button primary">{messages::UPLOAD}</label>
        </span>
        <span class="upload folder">
            <input id="folder" class="hidden" type="file" multiple {..folder} on:change=choose_folder/>
            <label for="folder" class="quiet">{messages::FOLDER}</label>
        </span>
        <span class="upload camera">
            <input id="camera" class="hidden" type="file" accept="image/*" capture="environment" on:change=choose/>
            <label for="camera" class="quiet">{messages::CAMERA}</label>
        </span>
        <noscript>{messages::NEEDS_SCRIPT}</noscript>
    }
}

/// Opens the file dialog to replace a file. Calls `chosen` before the new file is added.
pub fn choose_again(uploads: UploadManager, chosen: impl FnOnce() + 'static) {
    let input = document().create_element("input").ok();
    let Some(input) = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) else {
        return;
    };
    input.set_type("file");
    input.set_accept(&acceptable());
    let on_change = {
        let input = input.clone();
        Closure::once_into_js(move || {
            let files = listed(input.files());
            if !files.is_empty() {
                chosen();
                uploads.add(files);
            }
        })
    };
    input.set_onchange(Some(on_change.unchecked_ref()));
    input.click();
}

/// The files of an input, which is emptied so that the same file can be chosen again.
fn chosen_files(event: &ev::Event) -> Vec<File> {
    let input = event_target::<HtmlInputElement>(event);
    let files = listed(input.files());
    input.set_value("");
    files
}

fn listed(files: Option<FileList>) -> Vec<File> {
    let count = files.as_ref().map_or(0, FileList::length);
    (0..count).filter_map(|at| files.as_ref()?.item(at)).collect()
}

/// The images among files from a folder or the clipboard: by type, name or first bytes.
async fn pictures(files: Vec<File>) -> Vec<File> {
    let mut pictures = Vec::new();
    for file in files {
        if is_picture(&file).await {
            pictures.push(file);
        }
    }
    pictures
}

async fn is_picture(file: &File) -> bool {
    let believed = kind_of(&file.name(), &file.type_());
    if believed.starts_with("image/") {
        return true;
    }
    let first = first_bytes(file, SIGNATURE_BYTES).await;
    first.is_ok_and(|bytes| kind_by_bytes(&bytes, &believed).is_some())
}

/// Adds pasted images.
pub fn pasted(event: &ClipboardEvent, uploads: UploadManager) {
    let files = listed(event.clipboard_data().and_then(|pasted| pasted.files()));
    spawn_local(async move { uploads.add(pictures(files).await) });
}

/// Adds dropped files at once, and folders as they are read.
pub fn dropped(transfer: &DataTransfer, uploads: UploadManager) {
    let items = transfer.items();
    // Read synchronously: the list is empty after the event.
    let items: Vec<DataTransferItem> = (0..items.length()).filter_map(|at| items.get(at)).collect();
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for item in items.iter().filter(|item| item.kind() == "file") {
        match item.webkit_get_as_entry() {
            Ok(Some(entry)) if entry.is_directory() => folders.push(entry),
            _ => files.extend(item.get_as_file().ok().flatten()),
        }
    }
    uploads.add(files);
    if !folders.is_empty() {
        spawn_local(walk(folders, uploads));
    }
}

/// Adds the images in folders and subfolders, and reports folders that could not be read completely.
async fn walk(mut folders: Vec<FileSystemEntry>, uploads: UploadManager) {
    while let Some(folder) = folders.pop() {
        let path = folder.full_path();
        let complete = read_folder(folder.unchecked_ref(), &mut folders, uploads).await;
        uploads.folder_read(path.trim_start_matches('/'), complete);
    }
}

/// Adds the images in a folder, and collects its subfolders. Returns whether all of it could be read.
async fn read_folder(folder: &FileSystemDirectoryEntry, subfolders: &mut Vec<FileSystemEntry>, uploads: UploadManager) -> bool {
    let reader = folder.create_reader();
    let mut complete = true;
    // Browsers return up to 100 entries per call, and none at the end.
    loop {
        let read =
            result_of_callbacks(|on_success, on_error| reader.read_entries_with_callback_and_callback(on_success, on_error))
                .await;
        let Some(entries) = read.and_then(|entries| entries.dyn_into::<Array>().ok()) else {
            return false;
        };
        if entries.length() == 0 {
            return complete;
        }
        let mut files = Vec::new();
        for entry in entries.iter().map(JsCast::unchecked_into::<FileSystemEntry>) {
            if entry.is_directory() {
                subfolders.push(entry);
                continue;
            }
            let entry = entry.unchecked_into::<FileSystemFileEntry>();
            let file = result_of_callbacks(|on_success, on_error| {
                entry.file_with_callback_and_callback(on_success, on_error);
                Ok(())
            });
            match file.await.and_then(|file| file.dyn_into::<File>().ok()) {
                Some(file) => files.push(file),
                None => complete = false,
            }
        }
        uploads.add(pictures(files).await);
    }
}

/// Awaits a function with success and error callbacks. None on an error.
async fn result_of_callbacks(call: impl FnOnce(&Function, &Function) -> Result<(), JsValue>) -> Option<JsValue> {
    let (on_success, on_error, outcome) = callbacks();
    call(on_success.as_ref().unchecked_ref(), on_error.as_ref().unchecked_ref()).ok()?;
    outcome.await.ok()?.ok()
}
