//! Waiting for one of two callbacks.

use futures::channel::oneshot;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

pub type Callback = Closure<dyn FnMut(JsValue)>;

/// Two callbacks, for success and failure, and what the first that is called is called with.
pub fn callbacks() -> (Callback, Callback, oneshot::Receiver<Result<JsValue, JsValue>>) {
    let (sender, outcome) = oneshot::channel();
    let sender = Rc::new(Cell::new(Some(sender)));
    let end = |result: fn(JsValue) -> Result<JsValue, JsValue>| {
        let sender = sender.clone();
        Callback::new(move |value: JsValue| {
            if let Some(sender) = sender.take() {
                // The receiver is gone if the caller has failed.
                let _ = sender.send(result(value));
            }
        })
    };
    (end(Ok), end(Err), outcome)
}
