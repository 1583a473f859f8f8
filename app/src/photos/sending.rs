//! Sends files: the checksum, the grant, the bytes, and the word that they are there.

use super::api::{announce, give_up, grant, sign_parts};
use super::library::Library;
use super::uploads::{Failure, Sending, Stage, Uploads};
use crate::ui::fault::Fault;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::channel::oneshot;
use gloo_timers::future::TimeoutFuture;
use js_sys::{ArrayBuffer, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::ids::PhotoId;
use model::photos::{Grant, KINDS, MAX_ORIGINAL_BYTES, PART_BYTES, Part, Put, Upload, Wanted, part_bytes, parts_of};
use model::refusals::Refusal;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, FileList, ProgressEvent, XmlHttpRequest};

/// Each holds a whole file in memory while it reads it.
const AT_ONCE: usize = 3;
const TRIES: u32 = 3;
const PAUSE_MS: u32 = 1500;

struct Job {
    key: u64,
    file: File,
    stage: ArcRwSignal<Stage>,
}

thread_local! {
    static QUEUE: RefCell<VecDeque<Job>> = const { RefCell::new(VecDeque::new()) };
    static AT_WORK: Cell<usize> = const { Cell::new(0) };
    static LAST_KEY: Cell<u64> = const { Cell::new(0) };
}

/// Sends the files of a list, some at once. What goes wrong with one stops no other.
pub fn send_all(files: &FileList, uploads: Uploads, library: Library) {
    for file in (0..files.length()).filter_map(|at| files.item(at)) {
        let key = LAST_KEY.get() + 1;
        LAST_KEY.set(key);
        let stage = uploads.add(key, file.name());
        QUEUE.with_borrow_mut(|queue| queue.push_back(Job { key, file, stage }));
    }
    let waiting = QUEUE.with_borrow(VecDeque::len);
    let free = AT_ONCE.saturating_sub(AT_WORK.get());
    for _ in 0..waiting.min(free) {
        AT_WORK.set(AT_WORK.get() + 1);
        spawn_local(async move {
            while let Some(job) = QUEUE.with_borrow_mut(VecDeque::pop_front) {
                send(job, uploads, library).await;
            }
            AT_WORK.set(AT_WORK.get() - 1);
        });
    }
}

async fn send(job: Job, uploads: Uploads, library: Library) {
    job.stage.set(Stage::Preparing);
    let grant = match prepare(&job.file).await {
        Ok(grant) => grant,
        Err(failure) => return job.stage.set(Stage::Failed(failure)),
    };
    let id = grant.photo.id.clone();
    library.learn(grant.photo.clone());
    uploads.remove(job.key);
    let Some(upload) = grant.upload else { return };
    uploads.set(&id, Sending::Going(0));
    match travel(&id, &upload, &job.file, uploads).await {
        Ok(()) => {
            uploads.done(&id);
            // The store says so, too: this only says it sooner.
            if let Ok(photo) = announce(id).await {
                library.learn(photo);
            }
        }
        Err(failure) => {
            uploads.set(&id, Sending::Failed(failure));
            if let Ok(photo) = give_up(id).await {
                library.learn(photo);
            }
        }
    }
}

/// From the file to the permission to send it.
async fn prepare(file: &File) -> Result<Grant, Failure> {
    let (kind, bytes) = (file.type_(), file.size() as u64);
    let refusal = if !KINDS.contains(&kind.as_str()) {
        Some(Refusal::UnsupportedKind)
    } else if bytes == 0 {
        Some(Refusal::EmptyFile)
    } else if bytes > MAX_ORIGINAL_BYTES {
        Some(Refusal::TooLarge {
            limit: MAX_ORIGINAL_BYTES,
        })
    } else {
        None
    };
    if let Some(refusal) = refusal {
        return Err(Failure::Denied(Fault::Refused(refusal)));
    }
    let sha256 = sha256(file).await.ok_or(Failure::Unreadable)?;
    grant(Wanted {
        name: file.name(),
        kind,
        bytes,
        sha256,
    })
    .await
    .map_err(Failure::Denied)
}

/// Sends what of a file is not there yet.
async fn travel(id: &PhotoId, upload: &Upload, file: &File, uploads: Uploads) -> Result<(), Failure> {
    let there = match upload {
        Upload::Whole(to) => return put_patiently(id, to, file, uploads).await,
        Upload::Parts { there } => there,
    };
    let bytes = file.size() as u64;
    for number in (1..=parts_of(bytes)).filter(|number| !there.contains(number)) {
        let start = u64::from(number - 1) * PART_BYTES;
        let end = start + part_bytes(bytes, number).unwrap_or(0);
        let slice = file.slice_with_f64_and_f64(start as f64, end as f64);
        let slice = slice.map_err(|_| Failure::Unreadable)?;
        let sha256 = sha256(&slice).await.ok_or(Failure::Unreadable)?;
        let signed = sign_parts(id.clone(), vec![Part { number, sha256 }]).await;
        for to in signed.map_err(Failure::Denied)? {
            put_patiently(id, &to, &slice, uploads).await?;
        }
    }
    Ok(())
}

async fn sha256(file: &Blob) -> Option<String> {
    let bytes: ArrayBuffer = JsFuture::from(file.array_buffer()).await.ok()?.dyn_into().ok()?;
    let subtle = window().crypto().ok()?.subtle();
    let digest = subtle.digest_with_str_and_buffer_source("SHA-256", &bytes).ok()?;
    let digest = JsFuture::from(digest).await.ok()?;
    Some(BASE64_STANDARD.encode(Uint8Array::new(&digest).to_vec()))
}

/// Sends the bytes, again after a pause where the connection broke.
async fn put_patiently(id: &PhotoId, to: &Put, file: &Blob, uploads: Uploads) -> Result<(), Failure> {
    for attempt in 1..=TRIES {
        match put(id, to, file, uploads).await {
            Err(Failure::NoConnection) if attempt < TRIES => TimeoutFuture::new(PAUSE_MS * attempt).await,
            end => return end,
        }
    }
    Err(Failure::NoConnection)
}

/// Sends the bytes once. An `XMLHttpRequest`, for `fetch` does not tell how far it is.
async fn put(id: &PhotoId, to: &Put, file: &Blob, uploads: Uploads) -> Result<(), Failure> {
    let request = XmlHttpRequest::new().map_err(|_| Failure::NoConnection)?;
    let id = id.clone();
    let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        let percent = 100.0 * event.loaded() / event.total().max(1.0);
        uploads.set(&id, Sending::Going(percent as u32));
    });
    let (ended, end) = oneshot::channel();
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
        request.send_with_opt_blob(Some(file))
    };
    begin().map_err(|_| Failure::NotAccepted)?;
    end.await.map_err(|_| Failure::NoConnection)?;
    let answer = request.response_text().ok().flatten().unwrap_or_default();
    verdict(request.status().unwrap_or(0), &answer)
}

/// What the store's answer means. No status at all is a connection that broke.
fn verdict(status: u16, answer: &str) -> Result<(), Failure> {
    match status {
        // 412: it is there already. An answer was lost on the way.
        200..=299 | 412 => Ok(()),
        // 409: the same upload is still under way elsewhere.
        0 | 409 | 500.. => Err(Failure::NoConnection),
        400 if answer.contains("RequestTimeout") => Err(Failure::NoConnection),
        403 => Err(Failure::TooLate),
        400 if answer.contains("Digest") || answer.contains("Checksum") => Err(Failure::Changed),
        _ => Err(Failure::NotAccepted),
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, verdict};

    #[test]
    fn tells_what_the_store_meant() {
        assert_eq!(verdict(200, ""), Ok(()));
        assert_eq!(verdict(400, "<Error><Code>BadDigest</Code></Error>"), Err(Failure::Changed));
        assert_eq!(
            verdict(400, "<Error><Code>EntityTooSmall</Code></Error>"),
            Err(Failure::NotAccepted)
        );
        assert_eq!(
            verdict(403, "<Error><Code>AccessDenied</Code></Error>"),
            Err(Failure::TooLate)
        );
        assert_eq!(verdict(503, ""), Err(Failure::NoConnection));
        assert_eq!(verdict(409, ""), Err(Failure::NoConnection));
        assert_eq!(
            verdict(400, "<Error><Code>RequestTimeout</Code></Error>"),
            Err(Failure::NoConnection)
        );
        assert_eq!(verdict(412, "<Error><Code>PreconditionFailed</Code></Error>"), Ok(()));
        assert_eq!(verdict(0, ""), Err(Failure::NoConnection));
    }
}
