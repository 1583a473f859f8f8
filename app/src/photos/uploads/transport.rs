//! Sends bytes to a presigned URL.

use super::item::{Item, UploadError};
use super::outcome::Outcome;
use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use model::photos::Put;
use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Blob, ProgressEvent, XmlHttpRequest};

/// A request without progress for this long is aborted.
const STALL_TIMEOUT_MS: u32 = 60_000;

/// The requests that are under way, by item.
#[derive(Clone, Copy, Default)]
pub struct Transport(StoredValue<HashMap<String, XmlHttpRequest>>);

impl Transport {
    /// Aborts an item's request, if there is one.
    pub fn abort(self, key: &str) {
        if let Some(request) = self.0.try_update_value(|requests| requests.remove(key)).flatten() {
            // A finished request cannot be aborted.
            let _ = request.abort();
        }
    }

    /// Sends bytes in one request, after `offset` bytes of the item. By `XMLHttpRequest`: `fetch` reports no upload progress.
    pub async fn put(self, item: &Item, to: &Put, bytes: &Blob, offset: u64) -> Outcome {
        let Ok(request) = XmlHttpRequest::new() else {
            return Outcome::Retry;
        };
        let progressed = Rc::new(Cell::new(false));
        let progress = {
            let (item, progressed) = (item.clone(), progressed.clone());
            Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
                progressed.set(true);
                item.set_sent(offset + event.loaded() as u64);
            })
        };
        let (finish, mut outcome) = oneshot::channel();
        let on_end = Closure::once(move || {
            // The receiver is gone if the request could not be started.
            let _ = finish.send(());
        });
        let send = || {
            request.open("PUT", &to.url)?;
            for (name, value) in &to.headers {
                request.set_request_header(name, value)?;
            }
            request.upload()?.set_onprogress(Some(progress.as_ref().unchecked_ref()));
            request.set_onloadend(Some(on_end.as_ref().unchecked_ref()));
            request.send_with_opt_blob(Some(bytes))
        };
        if send().is_err() {
            return Outcome::Failed(UploadError::NotAccepted);
        }
        self.0
            .try_update_value(|requests| requests.insert(item.key.clone(), request.clone()));
        while let Either::Right(_) = select(&mut outcome, TimeoutFuture::new(STALL_TIMEOUT_MS)).await {
            if !progressed.replace(false) {
                // Fires `loadend` at once.
                let _ = request.abort();
            }
        }
        self.0.try_update_value(|requests| requests.remove(&item.key));
        let body = request.response_text().ok().flatten().unwrap_or_default();
        let outcome = Outcome::of_response(request.status().unwrap_or(0), &body);
        if outcome != Outcome::Sent {
            item.set_sent(offset);
        }
        outcome
    }
}
