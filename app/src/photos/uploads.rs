//! The uploads of this window, as its tiles show them.

use crate::ui::fault::Fault;
use crate::ui::words;
use leptos::prelude::*;
use model::ids::PhotoId;
use model::refusals::Refusal;
use std::collections::{HashMap, HashSet};

/// The uploads of this window. Outlives navigation.
#[derive(Clone, Copy)]
pub struct Uploads {
    /// Files that are no photos yet, and files that will not be.
    files: RwSignal<Vec<Waiting>>,
    /// Photos whose bytes this window sends.
    sending: RwSignal<HashMap<PhotoId, Sending>>,
    /// Photos whose bytes this window has sent.
    sent: StoredValue<HashSet<PhotoId>>,
}

/// A file before its photo is expected.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Tells files of one window apart.
    pub key: u64,
    /// The file's name.
    pub name: String,
    /// How far it is. Counted, so that it outlives the page on which the file was dropped.
    pub stage: ArcRwSignal<Stage>,
}

/// How far a file is.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Others go first.
    Queued,
    /// It is being read, and permission is asked for.
    Preparing,
    /// There is a photo of the same bytes.
    Known(PhotoId),
    /// It will not become a photo.
    Failed(Failure),
}

impl Stage {
    /// Whether nothing more will happen to the file.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Known(_) | Self::Failed(_))
    }
}

/// How far the bytes of a photo are.
#[derive(Debug, Clone, PartialEq)]
pub enum Sending {
    /// In percent.
    Going(u32),
    /// They did not arrive.
    Failed(Failure),
}

/// Why an upload ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// There was no permission.
    Denied(Fault),
    /// The permission ended.
    TooLate,
    /// The bytes do not have the checksum that was announced.
    Changed,
    /// The store said no.
    NotAccepted,
    /// The browser could not read the file.
    Unreadable,
    /// The connection broke, more than once.
    NoConnection,
}

impl Failure {
    /// Whether the file is at fault, not the way.
    pub fn is_of_the_file(&self) -> bool {
        matches!(self, Self::Changed | Self::NotAccepted | Self::Unreadable)
    }

    /// What people read.
    pub fn words(&self) -> String {
        match self {
            Self::Denied(fault) => words::fault(fault),
            Self::TooLate => words::refusal(&Refusal::GrantExpired),
            Self::Changed => words::CHANGED_ON_THE_WAY.to_owned(),
            Self::NotAccepted => words::NOT_ACCEPTED.to_owned(),
            Self::Unreadable => words::UNREADABLE.to_owned(),
            Self::NoConnection => words::NO_CONNECTION.to_owned(),
        }
    }
}

impl Uploads {
    /// None yet.
    pub fn new() -> Self {
        Self {
            files: RwSignal::new(Vec::new()),
            sending: RwSignal::new(HashMap::new()),
            sent: StoredValue::new(HashSet::new()),
        }
    }

    /// The uploads of this window.
    pub fn here() -> Self {
        use_context().unwrap_or_else(Self::new)
    }

    /// Files that are no photos yet, and files that will not be.
    pub fn files(self) -> Vec<Waiting> {
        self.files.get()
    }

    /// Takes a file in: its tile shows at once.
    pub fn add(self, key: u64, name: String) -> ArcRwSignal<Stage> {
        let stage = ArcRwSignal::new(Stage::Queued);
        self.files.update(|files| {
            files.push(Waiting {
                key,
                name,
                stage: stage.clone(),
            })
        });
        stage
    }

    /// Lets a file go: it has become a photo, or nobody wants to read about it any more.
    pub fn remove(self, key: u64) {
        self.files.update(|files| files.retain(|file| file.key != key));
    }

    /// How far the bytes of a photo are, if this window sends them.
    pub fn of(self, id: &PhotoId) -> Option<Sending> {
        self.sending.with(|sending| sending.get(id).cloned())
    }

    /// Whether this window sends the bytes of a photo, or has sent them.
    pub fn sends(self, id: &PhotoId) -> bool {
        let going = |sending: &HashMap<_, _>| matches!(sending.get(id), Some(Sending::Going(_)));
        self.sending.with_untracked(going) || self.sent.with_value(|sent| sent.contains(id))
    }

    /// Says how far the bytes of a photo are.
    pub fn set(self, id: &PhotoId, so: Sending) {
        if self.sending.with_untracked(|sending| sending.get(id) != Some(&so)) {
            self.sending.update(|sending| {
                sending.insert(id.clone(), so);
            });
        }
    }

    /// The bytes of a photo are there.
    pub fn done(self, id: &PhotoId) {
        self.sent.update_value(|sent| {
            sent.insert(id.clone());
        });
        self.sending.update(|sending| {
            sending.remove(id);
        });
    }

    /// How many files are on their way.
    pub fn under_way(self) -> usize {
        let waiting = self
            .files
            .with(|files| files.iter().filter(|file| !file.stage.with(Stage::is_over)).count());
        let going = self
            .sending
            .with(|sending| sending.values().filter(|so| matches!(so, Sending::Going(_))).count());
        waiting + going
    }
}
