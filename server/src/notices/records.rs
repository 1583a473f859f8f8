//! Keys and shapes of notices.

use crate::aws::table::Key;
use model::notices::{Notice, To};
use serde::{Deserialize, Serialize};

/// A notice that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRecord {
    /// Version of this shape.
    pub version: u32,
    /// Names it.
    pub id: String,
    /// Whom it is for.
    pub to: To,
    /// What it says.
    pub notice: Notice,
    /// When the table may sweep the row, in epoch seconds.
    pub ttl: i64,
}

impl NoticeRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 1;

    /// Its place.
    pub fn key(id: &str) -> Key {
        Key::new(format!("NOTICE#{id}"), "NOTICE")
    }
}
