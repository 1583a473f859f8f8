//! A file in the upload queue.

use crate::ui::clock;
use crate::ui::error::RequestError;
use crate::ui::messages;
use leptos::prelude::*;
use model::ids::PhotoId;
use model::photos::{MAX_ORIGINAL_BYTES, Upload};
use model::user_error::UserError;
use serde::{Deserialize, Serialize};

/// A grant that waited longer is not used, in milliseconds of [`clock`].
const MAX_GRANT_AGE_MS: f64 = 5.0 * 60.0 * 1000.0;

/// The state of an upload.
#[derive(Debug, Clone, PartialEq)]
pub enum UploadState {
    /// Waits to be read.
    Queued,
    /// Is being read, and a grant requested.
    Reading,
    /// Has a grant, and waits to be sent.
    Waiting,
    /// Is being sent.
    Sending,
    /// Waits for the next attempt, after a network error or a busy store.
    Retrying,
    /// Is stored.
    Done,
    /// The library has the same bytes, or another item sends them.
    Duplicate,
    /// Waits for the user.
    Failed(UploadError),
}

impl UploadState {
    /// Whether it is not finished.
    pub fn is_pending(&self) -> bool {
        !matches!(self, Self::Done | Self::Duplicate | Self::Failed(_))
    }

    /// What the user can do about it, if it has failed.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Failed(failure) => Some(failure.remedy()),
            _ => None,
        }
    }

    /// Whether it is being worked on.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Reading | Self::Sending | Self::Retrying)
    }
}

/// Why an upload stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadError {
    /// The server refused a grant.
    Denied(RequestError),
    /// New signatures were rejected, too.
    TooLate,
    /// The bytes do not match the checksum.
    Changed,
    /// The store rejected the request.
    NotAccepted,
    Unreadable,
    /// The file was moved or modified since it was chosen.
    Moved,
}

impl UploadError {
    /// Why a file of this size is not uploaded. Its type is checked when it is read.
    pub fn by_size(bytes: u64) -> Option<Self> {
        let limit = MAX_ORIGINAL_BYTES;
        let user_error = match bytes {
            0 => UserError::EmptyFile,
            _ if bytes > limit => UserError::TooLarge { limit },
            _ => return None,
        };
        Some(Self::Denied(RequestError::Refused(user_error)))
    }

    /// The text for users.
    pub fn message(&self) -> String {
        match self {
            Self::Denied(error) => messages::error_text(error),
            Self::TooLate => messages::user_error(&UserError::GrantExpired),
            Self::Changed => messages::CHANGED_ON_THE_WAY.to_owned(),
            Self::NotAccepted => messages::NOT_ACCEPTED.to_owned(),
            Self::Unreadable => messages::UNREADABLE.to_owned(),
            Self::Moved => messages::uploads::MOVED.to_owned(),
        }
    }

    /// What the user can do about it.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Denied(RequestError::Refused(
                UserError::UnsupportedKind | UserError::EmptyFile | UserError::TooLarge { .. } | UserError::BadChecksum,
            ))
            | Self::Unreadable
            | Self::Moved => Remedy::ChooseAgain,
            Self::Denied(_) | Self::TooLate | Self::Changed | Self::NotAccepted => Remedy::Retry,
        }
    }

    /// Whether to cancel the upload of the expected photo. Not after errors of the network or the server: the stored parts are of use to the
    /// next attempt.
    pub fn cancels_upload(&self) -> bool {
        !matches!(self, Self::Denied(_) | Self::TooLate)
    }
}

/// What the user can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Upload the same file again.
    Retry,
    /// Choose another file, or the same one in its new place.
    ChooseAgain,
}

/// What is persisted about a file, next to its bytes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// Version of this schema.
    pub version: u32,
    pub name: String,
    /// Media type, from the browser, the name or the first bytes.
    pub kind: String,
    pub bytes: u64,
    /// Modification time from the browser, in milliseconds since 1970.
    pub modified: f64,
    /// Name of the window that uploads it.
    pub window: String,
    /// SHA-256 in base64, once the file was read.
    pub sha256: Option<String>,
    /// Whether a preview was sent, or there is none to send.
    pub previewed: bool,
    /// Whether this browser could make no preview.
    pub unseen: bool,
    /// The photo that is expected, or that has the same bytes.
    pub photo: Option<PhotoId>,
    pub paused: bool,
    pub failure: Option<UploadError>,
}

impl Note {
    /// The current version.
    pub const VERSION: u32 = 1;
}

/// A file in the queue. Clones share their state; equality is by key.
#[derive(Debug, Clone)]
pub struct Item {
    /// Unique, and sorts in the order in which files were chosen.
    pub key: String,
    state: ArcRwSignal<UploadState>,
    sent: ArcRwSignal<u64>,
    pub note: ArcRwSignal<Note>,
    /// The URL of a thumbnail, until the library has a picture.
    pub thumbnail: ArcRwSignal<Option<String>>,
    /// Its grant, and since when it waits.
    grant: ArcStoredValue<Option<(Upload, f64)>>,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Item {
    /// In the state that its note says.
    pub fn new(key: String, note: Note) -> Self {
        let state = match &note.failure {
            Some(failure) => UploadState::Failed(failure.clone()),
            None => UploadState::Queued,
        };
        Self {
            key,
            state: ArcRwSignal::new(state),
            sent: ArcRwSignal::new(0),
            note: ArcRwSignal::new(note),
            thumbnail: ArcRwSignal::new(None),
            grant: ArcStoredValue::new(None),
        }
    }

    /// Its state. Reactive.
    pub fn state(&self) -> UploadState {
        self.state.get()
    }

    /// Its state, untracked.
    pub fn peek_state(&self) -> UploadState {
        self.state.get_untracked()
    }

    /// Sets its state.
    pub fn set_state(&self, state: UploadState) {
        if self.state.with_untracked(|now| *now != state) {
            self.state.set(state);
        }
    }

    /// The photo that has the same bytes, if it is a duplicate. Reactive.
    pub fn duplicate_of(&self) -> Option<PhotoId> {
        let is_duplicate = self.state() == UploadState::Duplicate;
        is_duplicate.then(|| self.note.with(|note| note.photo.clone())).flatten()
    }

    pub fn bytes(&self) -> u64 {
        self.note.with_untracked(|note| note.bytes)
    }

    /// Bytes that were sent, untracked.
    pub fn sent(&self) -> u64 {
        self.sent.get_untracked()
    }

    /// Sets how many bytes were sent.
    pub fn set_sent(&self, sent: u64) {
        let sent = sent.min(self.bytes());
        if self.sent.with_untracked(|now| *now != sent) {
            self.sent.set(sent);
        }
    }

    /// Progress in percent. Reactive.
    pub fn percent(&self) -> u32 {
        u32::try_from(100 * self.sent.get() / self.bytes().max(1)).unwrap_or(100)
    }

    /// Keeps a grant until the item is sent.
    pub fn set_grant(&self, upload: Upload) {
        self.grant.set_value(Some((upload, clock::now())));
    }

    /// Its grant, unless it is too old.
    pub fn take_grant(&self) -> Option<Upload> {
        let (upload, since) = self.grant.try_update_value(Option::take).flatten()?;
        (clock::now() - since < MAX_GRANT_AGE_MS).then_some(upload)
    }

    /// Its photo, untracked.
    pub fn photo(&self) -> Option<PhotoId> {
        self.note.with_untracked(|note| note.photo.clone())
    }

    /// Whether it is paused, untracked.
    pub fn is_paused(&self) -> bool {
        self.note.with_untracked(|note| note.paused)
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_ORIGINAL_BYTES, Note, Remedy, UploadError};
    use crate::ui::error::RequestError;
    use model::user_error::UserError;

    #[test]
    fn a_file_is_refused_by_its_size_before_it_is_read() {
        let refused = |user_error| Some(UploadError::Denied(RequestError::Refused(user_error)));
        let limit = MAX_ORIGINAL_BYTES;
        assert_eq!(UploadError::by_size(0), refused(UserError::EmptyFile));
        assert_eq!([UploadError::by_size(1), UploadError::by_size(limit)], [None, None]);
        assert_eq!(UploadError::by_size(limit + 1), refused(UserError::TooLarge { limit }));
    }

    #[test]
    fn invalid_files_are_chosen_again_and_other_errors_retried() {
        assert_eq!(
            UploadError::Denied(RequestError::Refused(UserError::EmptyFile)).remedy(),
            Remedy::ChooseAgain
        );
        assert_eq!(UploadError::Moved.remedy(), Remedy::ChooseAgain);
        assert_eq!(UploadError::Denied(RequestError::Broken).remedy(), Remedy::Retry);
        assert!(UploadError::Moved.cancels_upload() && !UploadError::Denied(RequestError::Broken).cancels_upload());
    }

    #[test]
    fn a_note_of_the_first_version_is_read() {
        let kept = r#"{"version":1,"name":"a.jpg","kind":"image/jpeg","bytes":5,"modified":0.0,"window":"w",
            "sha256":null,"previewed":false,"unseen":false,"photo":"0190c9f0-5b1e-7c3a-8d2f-000000000001","paused":true,"failure":"moved"}"#;
        let note: Note = serde_json::from_str(kept).expect("a note");
        assert_eq!(
            (note.version, note.paused, note.failure),
            (Note::VERSION, true, Some(UploadError::Moved))
        );
    }
}
