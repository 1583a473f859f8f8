//! What the workflow's steps hand to each other.

use develop::Format;
use model::ids::{AccountId, PhotoId};
use serde::{Deserialize, Serialize};

/// Input of an execution: one generation of one photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The photo.
    pub photo: PhotoId,
    /// Whose library it belongs to.
    pub library: AccountId,
    /// Which run of developing this is.
    pub generation: u32,
}

impl Job {
    /// The execution's name: a second start under it is a no-op.
    pub fn execution(&self) -> String {
        format!("{}-{}", self.photo, self.generation)
    }
}

/// One format to be made, as it lies in that format's queue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// Of what.
    pub job: Job,
    /// Name of the format.
    pub format: Format,
    /// What the workflow waits for.
    pub token: String,
}
