//! What the account's page says about a copy of everything, and about leaving.

use crate::{date, file_size};
use model::accounts::{Export, ExportPart, ExportState};

pub const EXPORT: &str = "A copy of everything";
pub const EXPORT_TEXT: &str =
    "Your originals as you uploaded them, and all we know of them and of you, as zip files. We write to you when they are there.";
pub const ASK_EXPORT: &str = "Make a copy";
pub const ASK_EXPORT_AGAIN: &str = "Make a new copy";
pub const PART_MISSING: &str = "That isn’t there any more. If it was a part of your copy, make a new one.";
pub const DELETE: &str = "Delete this account";
pub const DELETE_TEXT: &str = "Your photos, with everything made of them, your account, and every place where you are signed in are deleted, and can’t be brought back. Make a copy first. We write to you when nothing is left, which takes an hour or two.";
pub const SURE: &str = "I am sure: delete everything";

/// How far an export is.
pub fn export(export: &Export) -> String {
    match (export.state, export.parts.len()) {
        (ExportState::Making, 0) => "Your copy is being made.".to_owned(),
        (ExportState::Making, 1) => "Your copy is being made. One part is there.".to_owned(),
        (ExportState::Making, parts) => format!("Your copy is being made. {parts} parts are there."),
        (ExportState::Ready, _) => format!("Your copy is there until {}.", date(export.ends_at)),
        (ExportState::Failed, _) => "Your copy could not be made. Try again.".to_owned(),
    }
}

/// A part's link.
pub fn part(number: usize, part: &ExportPart) -> String {
    let photos = match part.photos {
        1 => "one photo".to_owned(),
        many => format!("{many} photos"),
    };
    format!("Part {number}: {photos}, {}", file_size(part.bytes))
}
