//! Prepares a file: reads it, requests a grant for its photo, and sends a preview.

use super::backoff::Backoff;
use super::decodable::{head, is_decodable};
use super::item::{Item, UploadError, UploadState};
use super::kind::kind_by_bytes;
use super::pipeline::Pipeline;
use super::reader::{ReadError, Reading};
use crate::live::reload_page;
use crate::photos::api::{grant, preview};
use crate::ui::error::RequestError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::photos::{FURTHEST_ZONE, Grant, Modified, Preview, Wanted};
use model::time::Time;
use model::user_error::UserError;

const TILE_WIDTH: u32 = 320;

enum PrepareError {
    /// Retry after some seconds, or with backoff.
    Retry(Option<u32>),
    Permanent(UploadError),
}

impl From<RequestError> for PrepareError {
    fn from(error: RequestError) -> Self {
        match error {
            // After signing in, the persisted queue continues.
            RequestError::Offline | RequestError::Broken | RequestError::Refused(UserError::TooMany | UserError::SignInFirst) => {
                Self::Retry(None)
            }
            RequestError::Refused(user_error) => match user_error.retry_after() {
                None => Self::Permanent(UploadError::Denied(RequestError::Refused(user_error))),
                seconds => Self::Retry(seconds),
            },
        }
    }
}

impl Pipeline {
    /// Prepares an item, well before it is sent, so that its photo shows early. Returns the state that this leads to.
    pub async fn prepare(self, item: &Item) -> UploadState {
        let mut backoff = Backoff::default();
        // The file need not be read again if only the server did not respond.
        let mut cached = None;
        loop {
            match self.request_grant(item, &mut cached).await {
                Ok(state) => return state,
                Err(_) if self.queue.is_stopped(item) => return UploadState::Queued,
                Err(PrepareError::Retry(None)) => backoff.wait(self.retry).await,
                Err(PrepareError::Retry(Some(seconds))) => self.retry.wait(seconds.saturating_mul(1_000)).await,
                Err(PrepareError::Permanent(failure)) => return UploadState::Failed(failure),
            }
            if self.queue.is_stopped(item) {
                return UploadState::Queued;
            }
        }
    }

    async fn request_grant(self, item: &Item, cached: &mut Option<Reading>) -> Result<UploadState, PrepareError> {
        if cached.is_none() {
            *cached = Some(self.read_file(item).await?);
        }
        let Some(Reading { sha256, preview }) = cached.clone() else {
            return Err(PrepareError::Retry(None));
        };
        let before = item.photo();
        let wanted = item.note.with_untracked(|note| Wanted {
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
        if self.queue.store.belongs_to_other_account(&photo.library) {
            // Another account was signed in in another window. The grant was for the wrong library.
            self.queue.discard_photo(id);
            reload_page();
            return Err(PrepareError::Retry(None));
        }
        if before.is_none() && upload.is_some() {
            self.queue.library.add(photo);
        } else {
            self.queue.library.apply_response(photo);
        }
        if !self.queue.has(&item.key) {
            self.queue.discard_photo(id);
            return Ok(UploadState::Queued);
        }
        let is_sender = self.queue.assign_photo(item, &id);
        match upload {
            // It was uploaded before this window was opened.
            None if before.as_ref() == Some(&id) => Ok(UploadState::Done),
            Some(upload) if is_sender => {
                item.set_grant(upload);
                self.send_preview(item, preview);
                self.queue.store.save_note(item);
                Ok(UploadState::Waiting)
            }
            // The tile shows the library's picture, or else the preview.
            _ => {
                if picture.is_some() {
                    item.thumbnail.set(picture);
                }
                Ok(UploadState::Duplicate)
            }
        }
    }

    /// Reads the file, unless its note has what is needed.
    async fn read_file(self, item: &Item) -> Result<Reading, PrepareError> {
        let cached = item
            .note
            .with_untracked(|note| note.sha256.clone().filter(|_| note.previewed));
        if let Some(sha256) = cached {
            return Ok(Reading { sha256, preview: None });
        }
        let file = self.queue.store.file(item).await;
        let file = file.ok_or(PrepareError::Permanent(UploadError::Moved))?;
        let head = head(&file).await.map_err(PrepareError::Permanent)?;
        let kind = item.note.with_untracked(|note| kind_by_bytes(&head, &note.kind));
        let unsupported = UploadError::Denied(RequestError::Refused(UserError::UnsupportedKind));
        let kind = kind.ok_or(PrepareError::Permanent(unsupported))?;
        item.note.update(|note| note.kind = kind);
        let with_preview = !item.note.with_untracked(|note| note.unseen) && is_decodable(&head);
        let read = self.reader.read(&file, with_preview).await.map_err(|error| match error {
            ReadError::File(failure) => PrepareError::Permanent(failure),
            ReadError::Worker => {
                // Decoding may have crashed it, and would again.
                item.note.update(|note| note.unseen = true);
                PrepareError::Retry(None)
            }
        })?;
        item.note.update(|note| {
            note.sha256 = Some(read.sha256.clone());
            note.unseen = read.preview.is_none();
        });
        let url = |preview: &Preview| format!("data:image/jpeg;base64,{}", preview.jpeg);
        item.thumbnail.set(read.preview.as_ref().map(url));
        Ok(read)
    }

    /// Sends the preview, if there is one, so that others see the photo while it is uploaded.
    fn send_preview(self, item: &Item, preview_image: Option<Preview>) {
        let (item, id) = (item.clone(), item.photo());
        let (Some(preview_image), Some(id)) = (preview_image, id) else {
            return item.note.update(|note| note.previewed = true);
        };
        spawn_local(async move {
            let shown = preview(id, preview_image).await;
            if !matches!(shown, Err(RequestError::Offline)) {
                item.note.update(|note| note.previewed = true);
                self.queue.store.save_note(&item);
            }
            if let Ok(photo) = shown {
                self.queue.library.apply_response(photo);
                item.thumbnail.set(None);
            }
        });
    }
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

#[cfg(test)]
mod tests {
    use super::{PrepareError, RequestError, UploadError, UserError};

    #[test]
    fn a_rate_limited_grant_waits_as_long_as_the_server_says() {
        let busy = PrepareError::from(RequestError::Refused(UserError::TooManyGrants { seconds: 7 }));
        assert!(matches!(busy, PrepareError::Retry(Some(7))));
    }

    #[test]
    fn a_full_library_is_a_permanent_error() {
        let full = RequestError::Refused(UserError::TooManyPhotos { most: 5 });
        let PrepareError::Permanent(UploadError::Denied(error)) = PrepareError::from(full.clone()) else {
            panic!("it would be retried")
        };
        assert_eq!(error, full);
    }
}
