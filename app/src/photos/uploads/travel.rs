//! Bytes on their way to the store.

use super::item::{Failure, Item};
use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use model::photos::Put;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Blob, ProgressEvent, XmlHttpRequest};

/// A connection on which nothing moves for so long is broken, whatever the system believes.
const STALLED_MS: u32 = 60_000;

/// How a try ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// The bytes are there.
    There,
    /// The connection broke, or the store is busy.
    Again,
    /// The signature is no longer good.
    SignAnew,
    /// The photo waits for no bytes.
    Ended,
    /// It will not work.
    Failed(Failure),
}

thread_local! {
    static UNDER_WAY: RefCell<HashMap<String, XmlHttpRequest>> = RefCell::new(HashMap::new());
}

/// Breaks off what travels of an item now.
pub fn break_off(key: &str) {
    if let Some(request) = UNDER_WAY.with_borrow_mut(|requests| requests.remove(key)) {
        // One that has ended meanwhile cannot be broken off.
        let _ = request.abort();
    }
}

/// Sends bytes once; `before` of the item's are there. An `XMLHttpRequest`, for `fetch` does not tell how far it is.
pub async fn put(item: &Item, to: &Put, bytes: &Blob, before: u64) -> End {
    let Ok(request) = XmlHttpRequest::new() else {
        return End::Again;
    };
    let moved = Rc::new(Cell::new(false));
    let progress = {
        let (item, moved) = (item.clone(), moved.clone());
        Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
            moved.set(true);
            item.set_sent(before + event.loaded() as u64);
        })
    };
    let (ended, mut end) = oneshot::channel();
    let on_end = Closure::once(move || {
        // Nobody waits any more if the request could not even begin.
        let _ = ended.send(());
    });
    let begin = || {
        request.open("PUT", &to.url)?;
        for (name, value) in &to.headers {
            request.set_request_header(name, value)?;
        }
        request.upload()?.set_onprogress(Some(progress.as_ref().unchecked_ref()));
        request.set_onloadend(Some(on_end.as_ref().unchecked_ref()));
        request.send_with_opt_blob(Some(bytes))
    };
    if begin().is_err() {
        return End::Failed(Failure::NotAccepted);
    }
    UNDER_WAY.with_borrow_mut(|requests| requests.insert(item.key.clone(), request.clone()));
    while let Either::Right(_) = select(&mut end, TimeoutFuture::new(STALLED_MS)).await {
        if !moved.replace(false) {
            // Its end is told at once.
            let _ = request.abort();
        }
    }
    UNDER_WAY.with_borrow_mut(|requests| requests.remove(&item.key));
    let answer = request.response_text().ok().flatten().unwrap_or_default();
    let end = verdict(request.status().unwrap_or(0), &answer);
    if end != End::There {
        item.set_sent(before);
    }
    end
}

/// What the store's answer means. No status at all is a connection that broke.
fn verdict(status: u16, answer: &str) -> End {
    match status {
        // 412: it is there already. An answer was lost on the way.
        200..=299 | 412 => End::There,
        // 409: the same upload is still under way elsewhere.
        0 | 408 | 409 | 429 | 500.. => End::Again,
        400 if answer.contains("RequestTimeout") => End::Again,
        403 => End::SignAnew,
        // The upload in parts was thrown away: the next signature begins another.
        404 => End::SignAnew,
        400 if answer.contains("Digest") || answer.contains("Checksum") => End::Failed(Failure::Changed),
        _ => End::Failed(Failure::NotAccepted),
    }
}

#[cfg(test)]
mod tests {
    use super::{End, Failure, verdict};

    #[test]
    fn tells_what_the_store_meant() {
        for there in [200, 412] {
            assert_eq!(verdict(there, "<Error><Code>PreconditionFailed</Code></Error>"), End::There);
        }
        for busy in [0, 409, 500, 503] {
            assert_eq!(verdict(busy, ""), End::Again);
        }
        let code = |status, code: &str| verdict(status, &format!("<Error><Code>{code}</Code></Error>"));
        assert_eq!(code(400, "RequestTimeout"), End::Again);
        assert_eq!(code(400, "BadDigest"), End::Failed(Failure::Changed));
        assert_eq!(code(400, "EntityTooSmall"), End::Failed(Failure::NotAccepted));
        assert_eq!(code(403, "AccessDenied"), End::SignAnew);
        assert_eq!(code(404, "NoSuchUpload"), End::SignAnew);
    }
}
