//! Key and shape of a photo.

use crate::aws::table::Key;
use model::ids::{AccountId, PhotoId};
use model::photos::{Media, Photo, Reason, Size, State, Step};
use model::time::Time;
use serde::{Deserialize, Serialize};

/// A photo's row. The same shape is read from the table and from its stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoRecord {
    /// Version of this shape.
    pub version: u32,
    /// Counts the writes of this row; each write requires the count it read.
    pub revision: u64,
    /// Partition of the timeline index.
    pub timeline_pk: String,
    /// Place in the timeline: time, then identifier.
    pub timeline_sk: String,
    /// The photo.
    pub id: PhotoId,
    /// Whose library it belongs to.
    pub library: AccountId,
    /// Name of the file it came from.
    pub name: String,
    /// Media type that was granted.
    pub kind: String,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// SHA-256 of the original in base64, as the browser computed it.
    pub sha256: String,
    /// When the permission to upload ends.
    pub grant_ends_at: Time,
    /// Where it is on its way.
    pub state: State,
    /// Every state it was in, oldest first.
    pub history: Vec<Step>,
    /// Which run of developing this is, from 1.
    pub generation: u32,
    /// Unguessable part of the renditions' address.
    pub random: String,
    /// Formats that this generation has finished.
    pub formats: Vec<String>,
    /// Nominal widths of the renditions.
    pub widths: Vec<u32>,
    /// Known once it was inspected.
    pub size: Option<Size>,
    /// ThumbHash in base64.
    pub thumbhash: Option<String>,
    /// When it was taken, or granted.
    pub taken_at: Time,
    /// Since when it is in the trash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_at: Option<Time>,
    /// Whether it is in its library's count of bytes. Version 2 did not say.
    #[serde(default)]
    pub counted: bool,
    /// Which sweep it waits for: partition of the index `due`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_pk: Option<String>,
    /// Since when that sweep may take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_sk: Option<String>,
}

/// How long a photo lies in the trash before it is purged.
pub const TRASH_SECONDS: i64 = 30 * 86_400;

/// A sweep that rows wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// Grants that ended without their bytes.
    Grant,
    /// Photos whose time in the trash is over.
    Purge,
}

impl Sweep {
    /// Partition of the index `due`.
    pub fn due_pk(self) -> &'static str {
        match self {
            Self::Grant => "GRANT",
            Self::Purge => "PURGE",
        }
    }

    /// Place of what is due at a time: everything before `due_sk(at, "")` is due by then.
    pub fn due_sk(at: Time, id: &str) -> String {
        format!("{:015}#{id}", at.0.clamp(0, 999_999_999_999_999))
    }
}

impl PhotoRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 3;

    /// The place of a photo.
    pub fn key(id: &PhotoId) -> Key {
        Key::new(format!("PHOTO#{id}"), "PHOTO")
    }

    /// Partition of a library's timeline.
    pub fn timeline_pk(library: &AccountId) -> String {
        format!("LIBRARY#{library}")
    }

    /// Partition of a library's trash, in the same index.
    pub fn trash_pk(library: &AccountId) -> String {
        format!("TRASH#{library}")
    }

    /// Finds its place in the indexes from what is true of it.
    pub fn take_place(&mut self) {
        self.version = Self::VERSION;
        self.timeline_pk = match self.trashed_at {
            None => Self::timeline_pk(&self.library),
            Some(_) => Self::trash_pk(&self.library),
        };
        self.timeline_sk = Self::timeline_sk(self.taken_at, &self.id);
        let never_came = State::Refused {
            reason: Reason::NotDelivered,
        };
        let due = match (self.trashed_at, &self.state) {
            (Some(at), _) => Some((Sweep::Purge, at.plus_seconds(TRASH_SECONDS))),
            (None, state) if self.counted && *state == never_came || *state == State::Expected => {
                Some((Sweep::Grant, self.grant_ends_at))
            }
            _ => None,
        };
        self.due_pk = due.map(|(sweep, _)| sweep.due_pk().into());
        self.due_sk = due.map(|(_, at)| Sweep::due_sk(at, self.id.as_str()));
    }

    /// Place in a timeline. Times are shifted by 2⁴⁶ ms (2,200 years), so that years before 1970 sort too.
    pub fn timeline_sk(taken_at: Time, id: &PhotoId) -> String {
        format!(
            "{:015}#{id}",
            taken_at.0.saturating_add(1 << 46).clamp(0, 999_999_999_999_999)
        )
    }

    /// Whether a text that a visitor sends is a place in a timeline.
    pub fn is_place(text: &str) -> bool {
        let digits = |time: &str| time.len() == 15 && time.bytes().all(|byte| byte.is_ascii_digit());
        text.split_once('#')
            .is_some_and(|(time, id)| digits(time) && id.parse::<PhotoId>().is_ok())
    }

    /// Where the original lies.
    pub fn original_key(&self) -> String {
        original_key(&self.library, &self.id)
    }

    /// `<photo>/<random>/<generation>`, where the renditions lie.
    pub fn folder(&self) -> String {
        format!("{}/{}/{}", self.id, self.random, self.generation)
    }

    /// The photo as its owner sees it; links are without proof.
    pub fn photo(&self) -> Photo {
        let media = Media {
            folder: self.folder(),
            widths: self.widths.clone(),
            formats: self.formats.clone(),
            proof: String::new(),
        };
        Photo {
            id: self.id.clone(),
            library: self.library.clone(),
            name: self.name.clone(),
            bytes: self.bytes,
            state: self.state.clone(),
            history: self.history.clone(),
            size: self.size,
            thumbhash: self.thumbhash.clone(),
            taken_at: self.taken_at,
            trashed_at: self.trashed_at,
            media: (self.state == State::Ready).then_some(media),
        }
    }
}

/// Where an original lies.
pub fn original_key(library: &AccountId, photo: &PhotoId) -> String {
    format!("originals/{library}/{photo}")
}

/// Library and photo of an original's key; `None` when the key is none.
pub fn parse_original_key(key: &str) -> Option<(AccountId, PhotoId)> {
    let (library, photo) = key.strip_prefix("originals/")?.split_once('/')?;
    Some((library.parse().ok()?, photo.parse().ok()?))
}
