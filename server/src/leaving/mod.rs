//! The room `leaving`: a copy of everything that an account has, and its deletion.

pub mod archive;
pub mod erase;
pub mod exports;
pub mod inventory;
pub mod leave;
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

/// How long a step of the workflow begins new work. Its function has a quarter of an hour.
const WORKS: Duration = Duration::from_secs(400);

/// What the door works with.
pub struct Here {
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

/// What a step answers to the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Whether it is to be done again, for there is more.
    pub more: bool,
}

impl Progress {
    const DONE: Self = Self { more: false };
    const MORE: Self = Self { more: true };
}
