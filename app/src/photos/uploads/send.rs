//! Sends items that have a grant, a few at a time.

use super::backoff::{Backoff, run_concurrently};
use super::item::{Item, Stage, UploadError};
use super::queue::Uploads;
use super::reader::ReadError;
use super::transport::Outcome;
use crate::photos::api::{announce, sign, sign_parts};
use crate::ui::error::RequestError;
use model::ids::PhotoId;
use model::photos::{PART_BYTES, Part, Upload, part_bytes, parts_of};
use model::user_error::UserError;
use std::cell::Cell;
use web_sys::{Blob, File};

/// More would share the same bandwidth.
const MAX_CONCURRENT: usize = 3;

/// Parts that are signed in one request. The signatures of more might expire before their turn.
const PARTS_PER_REQUEST: usize = 4;

/// How many new signatures may be rejected in a row.
const MAX_REJECTED_SIGNATURES: u32 = 3;

thread_local! {
    static RUNNING: Cell<usize> = const { Cell::new(0) };
}

/// Sends waiting items.
pub fn schedule(uploads: Uploads) {
    let next = move || next_item(uploads);
    run_concurrently(&RUNNING, MAX_CONCURRENT, next, move |item: Item| async move {
        send(&item, uploads).await;
        // An item may need a new grant.
        uploads.schedule();
    });
}

fn next_item(uploads: Uploads) -> Option<Item> {
    let item = uploads.next(&Stage::Waiting)?;
    item.set_stage(Stage::Sending);
    Some(item)
}

async fn send(item: &Item, uploads: Uploads) {
    let Some(id) = item.photo() else {
        return item.set_stage(Stage::Queued);
    };
    let Some(file) = uploads.store.file(item).await else {
        return uploads.fail(item, UploadError::Moved);
    };
    let mut backoff = Backoff::default();
    let mut rejected = 0;
    loop {
        item.set_stage(Stage::Sending);
        let before = item.sent();
        match attempt(item, &id, &file, uploads).await {
            Outcome::Sent => return uploads.finish(item, Stage::Done),
            Outcome::NotExpected => return item.set_stage(if item.is_paused() { Stage::Waiting } else { Stage::Queued }),
            Outcome::Failed(failure) => return uploads.fail(item, failure),
            _ if uploads.is_stopped(item) => return item.set_stage(Stage::Waiting),
            Outcome::SignAgain => {
                rejected = if item.sent() > before { 0 } else { rejected + 1 };
                if rejected > MAX_REJECTED_SIGNATURES {
                    return uploads.fail(item, UploadError::TooLate);
                }
            }
            Outcome::Retry => {
                if item.sent() > before {
                    backoff.reset();
                }
                if let Some(failure) = file_error(&file, uploads).await {
                    return uploads.fail(item, failure);
                }
                item.set_stage(Stage::Retrying);
                backoff.wait(uploads.retry).await;
            }
        }
        if uploads.is_stopped(item) {
            return item.set_stage(Stage::Waiting);
        }
    }
}

/// Checks whether the file can be read: for a request, an unreadable file looks like a network error.
async fn file_error(file: &File, uploads: Uploads) -> Option<UploadError> {
    let start = file.slice_with_f64_and_f64(0.0, 1.0).ok()?;
    match uploads.reader.read(&start, false).await {
        Err(ReadError::File(failure)) => Some(failure),
        _ => None,
    }
}

/// One attempt: sends what is missing, then announces that the bytes are stored.
async fn attempt(item: &Item, id: &PhotoId, file: &File, uploads: Uploads) -> Outcome {
    let upload = match item.take_grant() {
        Some(upload) => upload,
        None => match sign(id.clone()).await {
            Ok(upload) => upload,
            Err(fault) => return outcome_of_fault(fault),
        },
    };
    let outcome = match upload {
        Upload::Whole(to) => uploads.transport.put(item, &to, file, 0).await,
        Upload::Parts { there: stored } => send_parts(item, id, file, &stored, uploads).await,
    };
    if outcome != Outcome::Sent {
        return outcome;
    }
    item.set_sent(item.bytes());
    // The store's own event does not cover multipart uploads that are not completed.
    match announce(id.clone()).await {
        Ok(photo) => {
            uploads.library().apply_response(photo);
            Outcome::Sent
        }
        Err(fault) => outcome_of_fault(fault),
    }
}

/// What an error of the server means for the upload.
fn outcome_of_fault(fault: RequestError) -> Outcome {
    match fault {
        // After signing in, the persisted queue continues.
        RequestError::Offline
        | RequestError::Broken
        | RequestError::Refused(UserError::TooMany | UserError::NotThereYet | UserError::SignInFirst) => Outcome::Retry,
        // The photo has arrived or was given up: the next grant says which.
        RequestError::Refused(UserError::NotExpected | UserError::GrantExpired | UserError::NotFound) => Outcome::NotExpected,
        fault => Outcome::Failed(UploadError::Denied(fault)),
    }
}

/// Sends the missing parts.
async fn send_parts(item: &Item, id: &PhotoId, file: &File, stored: &[u32], uploads: Uploads) -> Outcome {
    let bytes = item.bytes();
    let mut sent: u64 = stored.iter().filter_map(|number| part_bytes(bytes, *number)).sum();
    item.set_sent(sent);
    let missing: Vec<_> = (1..=parts_of(bytes)).filter(|number| !stored.contains(number)).collect();
    for numbers in missing.chunks(PARTS_PER_REQUEST) {
        let mut parts = Vec::with_capacity(numbers.len());
        for number in numbers {
            let Some(slice) = part(file, bytes, *number) else {
                return Outcome::Failed(UploadError::Unreadable);
            };
            match uploads.reader.read(&slice, false).await {
                Ok(reading) => parts.push((slice, *number, reading.sha256)),
                Err(ReadError::File(failure)) => return Outcome::Failed(failure),
                Err(ReadError::Worker) => return Outcome::Retry,
            }
        }
        let wanted = parts.iter().map(|(_, number, sha256)| Part {
            number: *number,
            sha256: sha256.clone(),
        });
        let signed = match sign_parts(id.clone(), wanted.collect()).await {
            Ok(signed) => signed,
            Err(fault) => return outcome_of_fault(fault),
        };
        for ((slice, ..), to) in parts.iter().zip(&signed) {
            if uploads.is_stopped(item) {
                return Outcome::Retry;
            }
            match uploads.transport.put(item, to, slice, sent).await {
                Outcome::Sent => sent += slice.size() as u64,
                outcome => return outcome,
            }
            item.set_sent(sent);
        }
    }
    Outcome::Sent
}

/// The bytes of a part.
fn part(file: &File, bytes: u64, number: u32) -> Option<Blob> {
    let start = u64::from(number.checked_sub(1)?) * PART_BYTES;
    let end = start + part_bytes(bytes, number)?;
    file.slice_with_f64_and_f64(start as f64, end as f64).ok()
}

#[cfg(test)]
mod tests {
    use super::{Outcome, outcome_of_fault};
    use crate::ui::error::RequestError;
    use model::user_error::UserError;

    #[test]
    fn a_photo_that_is_not_expected_needs_a_new_grant() {
        assert_eq!(
            outcome_of_fault(RequestError::Refused(UserError::NotExpected)),
            Outcome::NotExpected
        );
        assert_eq!(outcome_of_fault(RequestError::Offline), Outcome::Retry);
        assert_eq!(
            outcome_of_fault(RequestError::Refused(UserError::SignInFirst)),
            Outcome::Retry
        );
        assert!(matches!(
            outcome_of_fault(RequestError::Refused(UserError::Malformed)),
            Outcome::Failed(_)
        ));
    }
}
