//! Account export and deletion.

pub mod archive;
pub mod deletion;
pub mod erase;
pub mod exports;
pub mod inventory;
pub mod names;
pub mod pack;
pub mod records;

use crate::aws::exports::Exports;
use crate::aws::identity::Identity;
use crate::aws::media::Media;
use crate::aws::originals::Originals;
use crate::aws::sockets::Sockets;
use crate::aws::table::Table;
use serde::Serialize;
use std::time::Duration;

/// How long a step of the workflow starts new work. The function times out after 15 minutes.
const TIME_BUDGET: Duration = Duration::from_secs(400);

/// What the steps use.
pub struct HandlerContext {
    /// The table.
    pub table: Table,
    /// The bucket of originals.
    pub originals: Originals,
    /// The bucket of renditions.
    pub media: Media,
    /// The exports.
    pub exports: Exports,
    /// The user pool.
    pub identity: Identity,
    /// Open sockets.
    pub sockets: Sockets,
}

/// The output of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Whether the workflow must repeat the step, as there is more to do.
    pub more: bool,
}

impl Progress {
    const DONE: Self = Self { more: false };
    const MORE: Self = Self { more: true };
}
