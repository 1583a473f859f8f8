//! Sends what is expected: a few files at once, each until it is there.

use super::files;
use super::item::{Failure, Item, Stage};
use super::pace::{Patience, work};
use super::prepare;
use super::queue::Uploads;
use super::travel::{End, put};
use super::worker::{Unread, read};
use crate::photos::api::{announce, sign, sign_parts};
use crate::ui::clock;
use crate::ui::fault::Fault;
use model::ids::PhotoId;
use model::photos::{PART_BYTES, Part, Upload, part_bytes, parts_of};
use model::refusals::Refusal;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use web_sys::{Blob, File};

/// More would share the same connection.
const AT_ONCE: usize = 3;

/// Parts that are signed together. More might wait for their turn longer than a signature lasts.
const SIGNED_TOGETHER: usize = 4;

/// A signature that waited longer is not tried, in milliseconds by a clock that nobody sets.
const FRESH_MS: f64 = 5.0 * 60.0 * 1000.0;

/// How often a new signature may be turned down.
const SIGNATURES: u32 = 3;

thread_local! {
    static AT_WORK: Cell<usize> = const { Cell::new(0) };
    static GRANTED: RefCell<HashMap<String, (Upload, f64)>> = RefCell::new(HashMap::new());
}

/// How an item that waits for its turn may travel.
pub fn hold(item: &Item, upload: Upload) {
    GRANTED.with_borrow_mut(|granted| granted.insert(item.key.clone(), (upload, clock::now())));
}

/// What was granted, if that was not too long ago.
fn held(item: &Item) -> Option<Upload> {
    let (upload, since) = GRANTED.with_borrow_mut(|granted| granted.remove(&item.key))?;
    (clock::now() - since < FRESH_MS).then_some(upload)
}

/// Nobody wants to send an item any more.
pub fn let_go(item: &Item) {
    GRANTED.with_borrow_mut(|granted| granted.remove(&item.key));
}

/// Sends what waits.
pub fn go_on(uploads: Uploads) {
    let next = move || take(uploads);
    work(&AT_WORK, AT_ONCE, next, move |item: Item| async move {
        send(&item, uploads).await;
        // Permission for it may have to be asked for again.
        prepare::go_on(uploads);
        uploads.count();
    });
}

fn take(uploads: Uploads) -> Option<Item> {
    let item = uploads.next(&Stage::Waiting)?;
    item.set(Stage::Going);
    Some(item)
}

async fn send(item: &Item, uploads: Uploads) {
    let Some(id) = item.photo() else {
        return item.set(Stage::Queued);
    };
    let Some(file) = files::file(item).await else {
        return uploads.fail(item, Failure::Moved);
    };
    let mut patience = Patience::default();
    let mut turned_down = 0;
    loop {
        item.set(Stage::Going);
        let before = item.sent();
        match travel(item, &id, &file, uploads).await {
            End::There => return uploads.finish(item, Stage::Done),
            End::Ended => return item.set(if item.is_paused() { Stage::Waiting } else { Stage::Queued }),
            End::Failed(failure) => return uploads.fail(item, failure),
            _ if uploads.is_halted(item) => return item.set(Stage::Waiting),
            End::SignAnew => {
                turned_down = if item.sent() > before { 0 } else { turned_down + 1 };
                if turned_down > SIGNATURES {
                    return uploads.fail(item, Failure::TooLate);
                }
            }
            End::Again => {
                if item.sent() > before {
                    patience.restore();
                }
                if let Some(failure) = lost(&file).await {
                    return uploads.fail(item, failure);
                }
                item.set(Stage::Again);
                patience.rest().await;
            }
        }
        if uploads.is_halted(item) {
            return item.set(Stage::Waiting);
        }
    }
}

/// What is wrong with the file itself. A request says the same of a file that cannot be read as of a connection that broke.
async fn lost(file: &File) -> Option<Failure> {
    let start = file.slice_with_f64_and_f64(0.0, 1.0).ok()?;
    match read(&start, false).await {
        Err(Unread::File(failure)) => Some(failure),
        _ => None,
    }
}

/// One try, from what is there of the file to the word that it is there whole.
async fn travel(item: &Item, id: &PhotoId, file: &File, uploads: Uploads) -> End {
    let upload = match held(item) {
        Some(upload) => upload,
        None => match sign(id.clone()).await {
            Ok(upload) => upload,
            Err(fault) => return end_of(fault),
        },
    };
    let end = match upload {
        Upload::Whole(to) => put(item, &to, file, 0).await,
        Upload::Parts { there } => send_parts(item, id, file, &there, uploads).await,
    };
    if end != End::There {
        return end;
    }
    item.set_sent(item.bytes());
    // The store tells it, too, but not of parts that nobody has put together.
    match announce(id.clone()).await {
        Ok(photo) => {
            uploads.library().apply_response(photo);
            End::There
        }
        Err(fault) => end_of(fault),
    }
}

/// What a fault of the server means for the bytes.
fn end_of(fault: Fault) -> End {
    match fault {
        // Who has to sign in first comes back to what is kept.
        Fault::Offline | Fault::Broken | Fault::Refused(Refusal::TooMany | Refusal::NotThereYet | Refusal::SignInFirst) => {
            End::Again
        }
        // The photo has arrived, or was given up: the next grant tells which.
        Fault::Refused(Refusal::NotExpected | Refusal::GrantExpired | Refusal::NotFound) => End::Ended,
        fault => End::Failed(Failure::Denied(fault)),
    }
}

/// Sends the parts that are not there.
async fn send_parts(item: &Item, id: &PhotoId, file: &File, there: &[u32], uploads: Uploads) -> End {
    let bytes = item.bytes();
    let mut sent: u64 = there.iter().filter_map(|number| part_bytes(bytes, *number)).sum();
    item.set_sent(sent);
    let missing: Vec<_> = (1..=parts_of(bytes)).filter(|number| !there.contains(number)).collect();
    for numbers in missing.chunks(SIGNED_TOGETHER) {
        let mut parts = Vec::with_capacity(numbers.len());
        for number in numbers {
            let Some(slice) = part(file, bytes, *number) else {
                return End::Failed(Failure::Unreadable);
            };
            match read(&slice, false).await {
                Ok(reading) => parts.push((slice, *number, reading.sha256)),
                Err(Unread::File(failure)) => return End::Failed(failure),
                Err(Unread::Worker) => return End::Again,
            }
        }
        let wanted = parts.iter().map(|(_, number, sha256)| Part {
            number: *number,
            sha256: sha256.clone(),
        });
        let signed = match sign_parts(id.clone(), wanted.collect()).await {
            Ok(signed) => signed,
            Err(fault) => return end_of(fault),
        };
        for ((slice, ..), to) in parts.iter().zip(&signed) {
            if uploads.is_halted(item) {
                return End::Again;
            }
            match put(item, to, slice, sent).await {
                End::There => sent += slice.size() as u64,
                end => return end,
            }
            item.set_sent(sent);
        }
    }
    End::There
}

/// The bytes of a part.
fn part(file: &File, bytes: u64, number: u32) -> Option<Blob> {
    let start = u64::from(number.checked_sub(1)?) * PART_BYTES;
    let end = start + part_bytes(bytes, number)?;
    file.slice_with_f64_and_f64(start as f64, end as f64).ok()
}

#[cfg(test)]
mod tests {
    use super::{End, end_of};
    use crate::ui::fault::Fault;
    use model::refusals::Refusal;

    #[test]
    fn a_photo_that_is_no_longer_expected_is_asked_for_again() {
        assert_eq!(end_of(Fault::Refused(Refusal::NotExpected)), End::Ended);
        assert_eq!(end_of(Fault::Offline), End::Again);
        assert_eq!(end_of(Fault::Refused(Refusal::SignInFirst)), End::Again);
        assert!(matches!(end_of(Fault::Refused(Refusal::Malformed)), End::Failed(_)));
    }
}
