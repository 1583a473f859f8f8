//! Prepares a file: reads it, requests a grant for its photo, and sends a preview.

use super::backoff::{Backoff, run_concurrently};
use super::decodable::{head, is_decodable};
use super::item::{Item, Stage, UploadError};
use super::kind::kind_by_bytes;
use super::queue::Uploads;
use super::reader::{ReadError, Reading};
use crate::live::load_anew;
use crate::photos::api::{grant, preview};
use crate::ui::error::RequestError;
use leptos::task::spawn_local;
use model::photos::{FURTHEST_ZONE, Grant, Modified, Preview, Wanted};
use model::time::Time;
use model::user_error::UserError;
use std::cell::Cell;

/// While one file is read, the grant for another is requested.
const MAX_CONCURRENT: usize = 2;

const TILE_WIDTH: u32 = 320;

thread_local! {
    static RUNNING: Cell<usize> = const { Cell::new(0) };
}

/// Prepares queued items, well before they are sent, so that their photos show early.
pub fn schedule(uploads: Uploads) {
    let next = move || next_item(uploads);
    run_concurrently(&RUNNING, MAX_CONCURRENT, next, move |item: Item| async move {
        prepare(&item, uploads).await;
        uploads.schedule();
    });
}

fn next_item(uploads: Uploads) -> Option<Item> {
    let item = uploads.next(&Stage::Queued)?;
    item.set_stage(Stage::Reading);
    Some(item)
}

async fn prepare(item: &Item, uploads: Uploads) {
    let mut backoff = Backoff::default();
    // The file need not be read again if only the server did not respond.
    let mut cached = None;
    loop {
        match request_grant(item, &mut cached, uploads).await {
            Ok(()) => return,
            Err(_) if uploads.is_stopped(item) => return item.set_stage(Stage::Queued),
            Err(PrepareError::Transient) => backoff.wait(uploads.retry).await,
            Err(PrepareError::RateLimited { seconds }) => uploads.retry.wait(seconds.saturating_mul(1_000)).await,
            Err(PrepareError::Permanent(failure)) => return uploads.fail(item, failure),
        }
        if uploads.is_stopped(item) {
            return item.set_stage(Stage::Queued);
        }
    }
}

enum PrepareError {
    /// Retry with backoff.
    Transient,
    /// Retry after some seconds.
    RateLimited {
        seconds: u32,
    },
    Permanent(UploadError),
}

impl From<RequestError> for PrepareError {
    fn from(fault: RequestError) -> Self {
        match fault {
            // After signing in, the persisted queue continues.
            RequestError::Offline | RequestError::Broken | RequestError::Refused(UserError::TooMany | UserError::SignInFirst) => {
                Self::Transient
            }
            RequestError::Refused(refusal) => match refusal.retry_after() {
                Some(seconds) => Self::RateLimited { seconds },
                None => Self::Permanent(UploadError::Denied(RequestError::Refused(refusal))),
            },
        }
    }
}

async fn request_grant(item: &Item, cached: &mut Option<Reading>, uploads: Uploads) -> Result<(), PrepareError> {
    if cached.is_none() {
        *cached = Some(read_file(item, uploads).await?);
    }
    let Some(Reading { sha256, preview }) = cached.clone() else {
        return Err(PrepareError::Transient);
    };
    let before = item.photo();
    let wanted = item.peek_note(|note| Wanted {
        name: note.name.clone(),
        kind: note.kind.clone(),
        bytes: note.bytes,
        sha256,
        modified: modified(note.modified),
        zone: utc_offset_at(js_sys::Date::now()),
    });
    let Grant { photo, upload } = grant(wanted).await?;
    let id = photo.id.clone();
    let picture = photo.media.as_ref().and_then(|media| media.link(TILE_WIDTH));
    if uploads.store.belongs_to_other_account(&photo.library) {
        // Another account was signed in in another window. The grant was for the wrong library.
        uploads.discard_photo(id);
        load_anew();
        return Err(PrepareError::Transient);
    }
    if before.is_none() && upload.is_some() {
        uploads.library().add(photo);
    } else {
        uploads.library().apply_response(photo);
    }
    if !uploads.has(&item.key) {
        uploads.discard_photo(id);
        return Ok(());
    }
    let is_sender = uploads.assign_photo(item, &id);
    match upload {
        // It was uploaded before this window was opened.
        None if before.as_ref() == Some(&id) => uploads.finish(item, Stage::Done),
        None => finish_duplicate(item, picture, uploads),
        Some(_) if !is_sender => finish_duplicate(item, picture, uploads),
        Some(upload) => {
            item.set_stage(Stage::Waiting);
            item.set_grant(upload);
            send_preview(item, preview, uploads);
            uploads.store.save_note(item);
        }
    }
    Ok(())
}

/// The library has the same bytes, or another item sends them. The tile shows the library's picture, or else the preview.
fn finish_duplicate(item: &Item, picture: Option<String>, uploads: Uploads) {
    item.set_known_thumbnail(picture);
    uploads.finish(item, Stage::Duplicate);
}

/// A file's modification time, from milliseconds since 1970.
fn modified(at: f64) -> Option<Modified> {
    let zone = utc_offset_at(at)?;
    let at = Time(at as i64);
    Some(Modified { at, zone })
}

/// The local time zone's offset from UTC at a time, in minutes. None for times beyond the calendar.
fn utc_offset_at(moment: f64) -> Option<i16> {
    let minutes = -js_sys::Date::new(&moment.into()).get_timezone_offset().round();
    (minutes.abs() <= f64::from(FURTHEST_ZONE)).then_some(minutes as i16)
}

/// Reads the file, unless its note has what is needed.
async fn read_file(item: &Item, uploads: Uploads) -> Result<Reading, PrepareError> {
    let cached = item.peek_note(|note| note.sha256.clone().filter(|_| note.previewed));
    if let Some(sha256) = cached {
        return Ok(Reading { sha256, preview: None });
    }
    let file = uploads
        .store
        .file(item)
        .await
        .ok_or(PrepareError::Permanent(UploadError::Moved))?;
    let head = head(&file).await.map_err(PrepareError::Permanent)?;
    let kind = item.peek_note(|note| kind_by_bytes(&head, &note.kind));
    let unsupported = UploadError::Denied(RequestError::Refused(UserError::UnsupportedKind));
    let kind = kind.ok_or(PrepareError::Permanent(unsupported))?;
    item.update_note(|note| note.kind = kind);
    let with_preview = !item.peek_note(|note| note.unseen) && is_decodable(&head);
    let read = uploads.reader.read(&file, with_preview).await.map_err(|error| match error {
        ReadError::File(failure) => PrepareError::Permanent(failure),
        ReadError::Worker => {
            // Decoding may have crashed it, and would again.
            item.update_note(|note| note.unseen = true);
            PrepareError::Transient
        }
    })?;
    item.update_note(|note| {
        note.sha256 = Some(read.sha256.clone());
        note.unseen = read.preview.is_none();
    });
    item.set_thumbnail(read.preview.as_ref());
    Ok(read)
}

/// Sends the preview, if there is one, so that others see the photo while it is uploaded.
fn send_preview(item: &Item, preview_image: Option<Preview>, uploads: Uploads) {
    let (item, id) = (item.clone(), item.photo());
    let (Some(preview_image), Some(id)) = (preview_image, id) else {
        return item.update_note(|note| note.previewed = true);
    };
    spawn_local(async move {
        let shown = preview(id, preview_image).await;
        if !matches!(shown, Err(RequestError::Offline)) {
            item.update_note(|note| note.previewed = true);
            uploads.store.save_note(&item);
        }
        if let Ok(photo) = shown {
            uploads.library().apply_response(photo);
            item.set_thumbnail(None);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{PrepareError, RequestError, UploadError, UserError};

    #[test]
    fn a_rate_limited_grant_waits_as_long_as_the_server_says() {
        let busy = PrepareError::from(RequestError::Refused(UserError::TooManyGrants { seconds: 7 }));
        assert!(matches!(busy, PrepareError::RateLimited { seconds: 7 }));
    }

    #[test]
    fn a_full_library_is_a_permanent_error() {
        let full = RequestError::Refused(UserError::TooManyPhotos { most: 5 });
        let PrepareError::Permanent(UploadError::Denied(fault)) = PrepareError::from(full.clone()) else {
            panic!("it would be retried")
        };
        assert_eq!(fault, full);
    }
}
