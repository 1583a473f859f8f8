//! Sends a file that has a grant.

use super::item::{Item, UploadError, UploadState};
use super::outcome::{Attempts, Next, Outcome};
use super::parts::missing_parts;
use super::pipeline::Pipeline;
use super::reader::ReadError;
use crate::photos::api::{announce, sign, sign_parts};
use model::ids::PhotoId;
use model::photos::{Part, Upload};
use web_sys::File;

/// Parts that are signed in one request. The signatures of more might expire before their turn.
const PARTS_PER_REQUEST: usize = 4;

impl Pipeline {
    /// Sends an item. Returns the state that this leads to.
    pub async fn send(self, item: &Item) -> UploadState {
        // Without a photo, it needs a new grant.
        let Some(id) = item.photo() else { return UploadState::Queued };
        let Some(file) = self.queue.store.file(item).await else {
            return UploadState::Failed(UploadError::Moved);
        };
        let mut attempts = Attempts::default();
        loop {
            item.set_state(UploadState::Sending);
            let before = item.sent();
            let outcome = self.attempt(item, &id, &file).await;
            match attempts.next(outcome, item.sent() > before, self.queue.is_stopped(item)) {
                Next::End(state) => return state,
                Next::SignAgain => {}
                Next::Wait => {
                    if let Some(failure) = self.file_error(&file).await {
                        return UploadState::Failed(failure);
                    }
                    item.set_state(UploadState::Retrying);
                    attempts.backoff.wait(self.retry).await;
                }
            }
            if self.queue.is_stopped(item) {
                return UploadState::Waiting;
            }
        }
    }

    /// Checks whether the file can be read: for a request, an unreadable file looks like a network error.
    async fn file_error(self, file: &File) -> Option<UploadError> {
        let start = file.slice_with_f64_and_f64(0.0, 1.0).ok()?;
        match self.reader.read(&start, false).await {
            Err(ReadError::File(failure)) => Some(failure),
            _ => None,
        }
    }

    /// One attempt: sends what is missing, then announces that the bytes are stored.
    async fn attempt(self, item: &Item, id: &PhotoId, file: &File) -> Outcome {
        let upload = match item.take_grant() {
            Some(upload) => upload,
            None => match sign(id.clone()).await {
                Ok(upload) => upload,
                Err(error) => return error.into(),
            },
        };
        let outcome = match upload {
            Upload::Whole(to) => self.transport.put(item, &to, file, 0).await,
            Upload::Parts { stored } => self.send_parts(item, id, file, &stored).await,
        };
        if outcome != Outcome::Sent {
            return outcome;
        }
        item.set_sent(item.bytes());
        // The store's own event does not cover multipart uploads that are not completed.
        match announce(id.clone()).await {
            Ok(photo) => {
                self.queue.library.apply_response(photo);
                Outcome::Sent
            }
            Err(error) => error.into(),
        }
    }

    /// Sends the missing parts.
    async fn send_parts(self, item: &Item, id: &PhotoId, file: &File, stored: &[u32]) -> Outcome {
        let missing = missing_parts(item.bytes(), stored);
        let mut sent = item.bytes() - missing.iter().map(|(_, range)| range.end - range.start).sum::<u64>();
        item.set_sent(sent);
        for parts in missing.chunks(PARTS_PER_REQUEST) {
            let (mut slices, mut wanted) = (Vec::new(), Vec::new());
            for (number, range) in parts {
                let Ok(slice) = file.slice_with_f64_and_f64(range.start as f64, range.end as f64) else {
                    return Outcome::Failed(UploadError::Unreadable);
                };
                let sha256 = match self.reader.read(&slice, false).await {
                    Ok(reading) => reading.sha256,
                    Err(ReadError::File(failure)) => return Outcome::Failed(failure),
                    Err(ReadError::Worker) => return Outcome::Retry,
                };
                slices.push(slice);
                wanted.push(Part { number: *number, sha256 });
            }
            let signed = match sign_parts(id.clone(), wanted).await {
                Ok(signed) => signed,
                Err(error) => return error.into(),
            };
            for (slice, to) in slices.iter().zip(&signed) {
                if self.queue.is_stopped(item) {
                    return Outcome::Retry;
                }
                match self.transport.put(item, to, slice, sent).await {
                    Outcome::Sent => sent += slice.size() as u64,
                    outcome => return outcome,
                }
                item.set_sent(sent);
            }
        }
        Outcome::Sent
    }
}
