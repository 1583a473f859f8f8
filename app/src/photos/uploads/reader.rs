//! The web worker that reads a file: its checksum, its dimensions and a preview.

use super::item::UploadError;
use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Object, Reflect};
use leptos::prelude::*;
use model::photos::{Preview, Size};
use std::collections::HashMap;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

const SCRIPT: &str = "/assets/reader.js";

/// A worker that is silent for this long has crashed: browsers report no error when memory runs out.
const STALL_TIMEOUT_MS: u32 = 120_000;

#[derive(Debug, Clone)]
pub struct Reading {
    /// SHA-256 in base64.
    pub sha256: String,
    /// If the browser could decode the file.
    pub preview: Option<Preview>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ReadError {
    /// The file cannot be read.
    File(UploadError),
    /// The worker could not be loaded, or has crashed.
    Worker,
}

type ReadResult = Result<Reading, ReadError>;

/// Reads files in a worker, which is started on first use.
#[derive(Clone, Copy, Default)]
pub struct Reader(StoredValue<State>);

#[derive(Default)]
struct State {
    worker: Option<Worker>,
    pending: HashMap<u32, oneshot::Sender<ReadResult>>,
    last_id: u32,
}

impl Reader {
    /// Reads a whole file in the worker, which handles one request at a time.
    pub async fn read(self, blob: &Blob, preview: bool) -> ReadResult {
        let (sender, result) = oneshot::channel();
        let id = self.0.try_update_value(|state| {
            state.last_id = state.last_id.wrapping_add(1);
            state.pending.insert(state.last_id, sender);
            state.last_id
        });
        if self.post(id.unwrap_or_default(), blob, preview).is_err() {
            self.terminate();
        }
        match select(result, TimeoutFuture::new(STALL_TIMEOUT_MS)).await {
            Either::Left((result, _)) => result.unwrap_or(Err(ReadError::Worker)),
            Either::Right(_) => {
                self.terminate();
                Err(ReadError::Worker)
            }
        }
    }

    fn post(self, id: u32, blob: &Blob, preview: bool) -> Result<(), JsValue> {
        let request = Object::new();
        Reflect::set(&request, &"id".into(), &id.into())?;
        Reflect::set(&request, &"blob".into(), blob)?;
        Reflect::set(&request, &"preview".into(), &preview.into())?;
        let worker = match self.0.with_value(|state| state.worker.clone()) {
            Some(worker) => worker,
            None => self.start()?,
        };
        worker.post_message(&request)
    }

    fn start(self) -> Result<Worker, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(SCRIPT, &options)?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            let id = field(&data, "id").and_then(|id| id.as_f64()).unwrap_or(0.0) as u32;
            if let Some(sender) = self.0.try_update_value(|state| state.pending.remove(&id)).flatten() {
                // The receiver may be gone.
                let _ = sender.send(parse(&data));
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_error = Closure::<dyn FnMut(Event)>::new(move |_| self.terminate());
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // They live as long as the page.
        on_message.forget();
        on_error.forget();
        self.0.update_value(|state| state.worker = Some(worker.clone()));
        Ok(worker)
    }

    /// After an error: the next request starts another worker.
    fn terminate(self) {
        self.0.update_value(|state| {
            if let Some(worker) = state.worker.take() {
                worker.terminate();
            }
            // Dropping the senders fails all pending requests.
            state.pending.clear();
        });
    }
}

fn parse(data: &JsValue) -> ReadResult {
    let text = |name: &str| field(data, name).and_then(|value| value.as_string());
    let number = |name: &str| field(data, name).and_then(|value| value.as_f64()).map(|number| number as u32);
    let Some(sha256) = text("sha256") else {
        return Err(ReadError::File(error_by_name(&text("error").unwrap_or_default())));
    };
    let preview = || {
        Some(Preview {
            size: Size {
                width: number("width")?,
                height: number("height")?,
            },
            jpeg: text("jpeg")?,
        })
    };
    Ok(Reading {
        sha256,
        preview: preview(),
    })
}

fn field(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok()
}

/// What a browser's error means for a file, by its name.
pub(super) fn error_by_name(error: &str) -> UploadError {
    match error {
        "NotReadableError" | "NotFoundError" => UploadError::Moved,
        _ => UploadError::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::{UploadError, error_by_name};

    #[test]
    fn distinguishes_modified_files_from_unreadable_ones() {
        assert_eq!(error_by_name("NotReadableError"), UploadError::Moved);
        assert_eq!(error_by_name("RangeError"), UploadError::Unreadable);
    }
}
