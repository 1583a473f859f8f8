//! A file on its way to the library.

use crate::ui::fault::Fault;
use crate::ui::words;
use leptos::prelude::*;
use model::ids::PhotoId;
use model::photos::Preview;
use model::refusals::Refusal;
use serde::{Deserialize, Serialize};

/// How far a file is.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Others are read first.
    Queued,
    /// It is being read, and permission is asked for.
    Reading,
    /// Its photo is expected; the bytes of others go first.
    Waiting,
    /// Its bytes travel.
    Going,
    /// The connection broke, or the store was busy: it goes on after a while.
    Again,
    /// Its bytes are there.
    Done,
    /// The library had the same bytes, or gets them from another file.
    Already,
    /// It does not go on by itself.
    Failed(Failure),
}

impl Stage {
    /// Whether something is still to come.
    pub fn is_under_way(&self) -> bool {
        !matches!(self, Self::Done | Self::Already | Self::Failed(_))
    }

    /// Whether it is being worked on now.
    pub fn is_at_work(&self) -> bool {
        matches!(self, Self::Reading | Self::Going | Self::Again)
    }
}

/// Why a file does not go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// There was no permission.
    Denied(Fault),
    /// Signatures ended, however new they were.
    TooLate,
    /// The bytes do not have the checksum that was announced.
    Changed,
    /// The store said no.
    NotAccepted,
    /// The browser could not read the file.
    Unreadable,
    /// The file was moved or written to since it was chosen.
    Moved,
}

impl Failure {
    /// What people read.
    pub fn words(&self) -> String {
        match self {
            Self::Denied(fault) => words::fault(fault),
            Self::TooLate => words::refusal(&Refusal::GrantExpired),
            Self::Changed => words::CHANGED_ON_THE_WAY.to_owned(),
            Self::NotAccepted => words::NOT_ACCEPTED.to_owned(),
            Self::Unreadable => words::UNREADABLE.to_owned(),
            Self::Moved => words::uploads::MOVED.to_owned(),
        }
    }

    /// What can be done about it.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Denied(Fault::Refused(
                Refusal::UnsupportedKind | Refusal::EmptyFile | Refusal::TooLarge { .. } | Refusal::BadChecksum,
            ))
            | Self::Unreadable
            | Self::Moved => Remedy::ChooseAgain,
            Self::Denied(_) | Self::TooLate | Self::Changed | Self::NotAccepted => Remedy::Retry,
        }
    }

    /// Whether the photo that was expected is told that its bytes will not come. Where the way was at fault, and not the file,
    /// what is there of it waits for the rest.
    pub fn ends_the_photo(&self) -> bool {
        !matches!(self, Self::Denied(_) | Self::TooLate)
    }
}

/// What can be done about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// The same file, once more.
    Retry,
    /// Another file, or the same from where it is now.
    ChooseAgain,
}

/// What is kept of a file beside its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// Version of this shape.
    pub version: u32,
    /// Name of the file.
    pub name: String,
    /// Media type, as the browser believes it.
    pub kind: String,
    /// Size in bytes.
    pub bytes: u64,
    /// When the file was last written to, as the browser tells it.
    pub modified: f64,
    /// The window that sends it.
    pub window: String,
    /// SHA-256 in base64, once it was read.
    pub sha256: Option<String>,
    /// Whether others see a preview, or will never.
    pub previewed: bool,
    /// Whether this browser could make no preview.
    pub unseen: bool,
    /// The photo that is expected, or has the same bytes.
    pub photo: Option<PhotoId>,
    /// Whether somebody made it wait.
    pub paused: bool,
    /// Why it did not go on.
    pub failure: Option<Failure>,
}

impl Note {
    /// Version that is written today.
    pub const VERSION: u32 = 1;
}

/// A file on its way. Copies are of the same file.
#[derive(Debug, Clone)]
pub struct Item {
    /// Tells files apart, and sorts them in the order in which they were chosen.
    pub key: String,
    stage: ArcRwSignal<Stage>,
    sent: ArcRwSignal<u64>,
    note: ArcRwSignal<Note>,
    small: ArcRwSignal<Option<String>>,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Item {
    /// Begins where its note says it is.
    pub fn new(key: String, note: Note) -> Self {
        let stage = match &note.failure {
            Some(failure) => Stage::Failed(failure.clone()),
            None => Stage::Queued,
        };
        Self {
            key,
            stage: ArcRwSignal::new(stage),
            sent: ArcRwSignal::new(0),
            note: ArcRwSignal::new(note),
            small: ArcRwSignal::new(None),
        }
    }

    /// How far it is; who asks is told of changes.
    pub fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// How far it is now.
    pub fn peek(&self) -> Stage {
        self.stage.get_untracked()
    }

    /// Says how far it is.
    pub fn set(&self, stage: Stage) {
        if self.stage.with_untracked(|now| *now != stage) {
            self.stage.set(stage);
        }
    }

    /// Looks at its note, and is told of changes.
    pub fn with<T>(&self, look: impl FnOnce(&Note) -> T) -> T {
        self.note.with(look)
    }

    /// Looks at its note once.
    pub fn look<T>(&self, look: impl FnOnce(&Note) -> T) -> T {
        self.note.with_untracked(look)
    }

    /// Changes its note.
    pub fn write(&self, change: impl FnOnce(&mut Note)) {
        self.note.update(change);
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> u64 {
        self.look(|note| note.bytes)
    }

    /// Bytes that are there.
    pub fn sent(&self) -> u64 {
        self.sent.get_untracked()
    }

    /// Says how many bytes are there.
    pub fn set_sent(&self, sent: u64) {
        let sent = sent.min(self.bytes());
        if self.sent.with_untracked(|now| *now != sent) {
            self.sent.set(sent);
        }
    }

    /// How much of it is there in percent; who asks is told of changes.
    pub fn percent(&self) -> u32 {
        u32::try_from(100 * self.sent.get() / self.bytes().max(1)).unwrap_or(100)
    }

    /// The address of a small picture of it, until the library has one; who asks is told of changes.
    pub fn small(&self) -> Option<String> {
        self.small.get()
    }

    /// Shows a small picture of it, or that of the library from now on.
    pub fn show(&self, preview: Option<&Preview>) {
        let address = |preview: &Preview| format!("data:image/jpeg;base64,{}", preview.jpeg);
        self.small.set(preview.map(address));
    }

    /// Shows the library's picture of the same bytes, where it has one.
    pub fn show_known(&self, picture: Option<String>) {
        if picture.is_some() {
            self.small.set(picture);
        }
    }

    /// Its photo, if there is one.
    pub fn photo(&self) -> Option<PhotoId> {
        self.look(|note| note.photo.clone())
    }

    /// Whether somebody made it wait.
    pub fn is_paused(&self) -> bool {
        self.look(|note| note.paused)
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Note, Remedy};
    use crate::ui::fault::Fault;
    use model::refusals::Refusal;

    #[test]
    fn what_no_photo_can_be_is_chosen_again_and_the_rest_tried_again() {
        assert_eq!(
            Failure::Denied(Fault::Refused(Refusal::EmptyFile)).remedy(),
            Remedy::ChooseAgain
        );
        assert_eq!(Failure::Moved.remedy(), Remedy::ChooseAgain);
        assert_eq!(Failure::Denied(Fault::Broken).remedy(), Remedy::Retry);
        assert!(Failure::Moved.ends_the_photo() && !Failure::Denied(Fault::Broken).ends_the_photo());
    }

    #[test]
    fn a_note_of_the_first_version_is_read() {
        let kept = r#"{"version":1,"name":"a.jpg","kind":"image/jpeg","bytes":5,"modified":0.0,"window":"w",
            "sha256":null,"previewed":false,"unseen":false,"photo":"0190c9f0-5b1e-7c3a-8d2f-000000000001","paused":true,"failure":"moved"}"#;
        let note: Note = serde_json::from_str(kept).expect("a note");
        assert_eq!(
            (note.version, note.paused, note.failure),
            (Note::VERSION, true, Some(Failure::Moved))
        );
    }
}
