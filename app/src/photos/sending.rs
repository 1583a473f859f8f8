//! Sends files: the checksum, the grant, the bytes, and the word that they are there.

use super::api::{announce, give_up, grant};
use super::library::Library;
use super::preview;
use super::sha256::sha256;
use super::travel::Journey;
use super::uploads::{Failure, Sending, Stage, Uploads};
use crate::ui::fault::Fault;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::photos::{Grant, KINDS, MAX_ORIGINAL_BYTES, Wanted};
use model::refusals::Refusal;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use web_sys::File;

/// Each holds a whole file in memory while it reads it.
const AT_ONCE: usize = 3;

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

/// Sends files, some at once. What goes wrong with one stops no other.
pub fn send_all(files: impl IntoIterator<Item = File>, uploads: Uploads, library: Library) {
    for file in files {
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
    let (Some(upload), false) = (grant.upload, uploads.sends(&id)) else {
        // The library has the same bytes, or this window sends them already, or just has.
        return job.stage.set(Stage::Known(id));
    };
    uploads.remove(job.key);
    uploads.set(&id, Sending::Going(0));
    let (shown, file) = (id.clone(), job.file.clone());
    spawn_local(async move { preview::show(shown, &file, library).await });
    let journey = Journey {
        id: &id,
        file: &job.file,
        uploads,
    };
    match journey.travel(&upload).await {
        Ok(()) => {
            uploads.done(&id);
            // The store says so, too: this only says it sooner.
            if let Ok(photo) = announce(id).await {
                library.learn(photo);
            }
        }
        Err(failure) => {
            // Where the way was at fault, what is there of it waits for the file to be chosen again.
            let hopeless = failure.is_of_the_file();
            uploads.set(&id, Sending::Failed(failure));
            if hopeless && let Ok(photo) = give_up(id).await {
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
