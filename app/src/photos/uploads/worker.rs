//! What the worker reads of a file: its checksum, its size in pixels, and a small picture of it.

use super::item::Failure;
use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Object, Reflect};
use model::photos::{Preview, Size};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

const SCRIPT: &str = "/assets/reader.js";

/// A worker that says nothing for so long has ended: browsers do not tell of one that memory ended.
const STALLED_MS: u32 = 120_000;

/// What was read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// SHA-256 in base64.
    pub sha256: String,
    /// A small picture, where the browser could decode it.
    pub preview: Option<Preview>,
}

/// Why nothing was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Unread {
    /// It is the file's fault.
    File(Failure),
    /// The worker did not come.
    Worker,
}

type Answer = Result<Reading, Unread>;

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
    static WAITING: RefCell<HashMap<u32, oneshot::Sender<Answer>>> = RefCell::new(HashMap::new());
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// Reads a file whole, in the worker, after those that were asked for before.
pub async fn read(blob: &Blob, preview: bool) -> Answer {
    let id = LAST.get().wrapping_add(1);
    LAST.set(id);
    let (sender, answer) = oneshot::channel();
    WAITING.with_borrow_mut(|waiting| waiting.insert(id, sender));
    if ask(id, blob, preview).is_err() {
        give_up_on_the_worker();
    }
    match select(answer, TimeoutFuture::new(STALLED_MS)).await {
        Either::Left((answer, _)) => answer.unwrap_or(Err(Unread::Worker)),
        Either::Right(_) => {
            give_up_on_the_worker();
            Err(Unread::Worker)
        }
    }
}

fn ask(id: u32, blob: &Blob, preview: bool) -> Result<(), JsValue> {
    let question = Object::new();
    Reflect::set(&question, &"id".into(), &id.into())?;
    Reflect::set(&question, &"blob".into(), blob)?;
    Reflect::set(&question, &"preview".into(), &preview.into())?;
    let worker = match WORKER.with_borrow(Option::clone) {
        Some(worker) => worker,
        None => begin()?,
    };
    worker.post_message(&question)
}

fn begin() -> Result<Worker, JsValue> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(SCRIPT, &options)?;
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        let said = event.data();
        let id = field(&said, "id").and_then(|id| id.as_f64()).unwrap_or(0.0) as u32;
        if let Some(sender) = WAITING.with_borrow_mut(|waiting| waiting.remove(&id)) {
            // Who asked may have turned away.
            let _ = sender.send(understand(&said));
        }
    });
    worker.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    let fail = Closure::<dyn FnMut(Event)>::new(|_| give_up_on_the_worker());
    worker.set_onerror(Some(fail.as_ref().unchecked_ref()));
    // Both last as long as the page.
    hear.forget();
    fail.forget();
    WORKER.set(Some(worker.clone()));
    Ok(worker)
}

/// Its script did not load, or it broke down: the next question begins another.
fn give_up_on_the_worker() {
    if let Some(worker) = WORKER.take() {
        worker.terminate();
    }
    // Whoever waits hears that nothing comes when its sender is dropped.
    WAITING.with_borrow_mut(HashMap::clear);
}

fn understand(said: &JsValue) -> Answer {
    let text = |name: &str| field(said, name).and_then(|value| value.as_string());
    let number = |name: &str| field(said, name).and_then(|value| value.as_f64()).map(|number| number as u32);
    let Some(sha256) = text("sha256") else {
        return Err(Unread::File(failure(&text("error").unwrap_or_default())));
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

/// What a browser's name for an error means for a file. One that was moved or written to can be read no more.
pub(super) fn failure(error: &str) -> Failure {
    match error {
        "NotReadableError" | "NotFoundError" => Failure::Moved,
        _ => Failure::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, failure};

    #[test]
    fn a_file_that_was_written_to_is_told_from_one_that_cannot_be_read() {
        assert_eq!(failure("NotReadableError"), Failure::Moved);
        assert_eq!(failure("RangeError"), Failure::Unreadable);
    }
}
