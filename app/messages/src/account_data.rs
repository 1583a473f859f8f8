//! Texts about exporting and deleting an account.

use crate::{date, file_size};
use model::accounts::{Export, ExportPart, ExportState};

pub const EXPORT: &str = "Export your data";
pub const EXPORT_TEXT: &str =
    "Get zip files with your original photos and all the data we have about them and you. We’ll email you when they’re ready.";
pub const START_EXPORT: &str = "Start export";
pub const START_EXPORT_AGAIN: &str = "Start a new export";
pub const PART_MISSING: &str = "That file is no longer available. If it was part of your export, start a new one.";
pub const DELETE: &str = "Delete this account";
pub const DELETE_TEXT: &str = "This permanently deletes your photos and your account, and signs you out on all devices. It can’t be undone, so export your data first. We’ll email you when everything is deleted, in an hour or two.";
pub const CONFIRM_DELETE: &str = "I’m sure. Delete everything.";

/// The state of an export.
pub fn export(export: &Export) -> String {
    match (export.state, export.parts.len()) {
        (ExportState::Making, 0) => "Your export is being prepared.".to_owned(),
        (ExportState::Making, 1) => "Your export is being prepared. One part is ready.".to_owned(),
        (ExportState::Making, parts) => format!("Your export is being prepared. {parts} parts are ready."),
        (ExportState::Ready, _) => format!("Your export is available until {}.", date(export.ends_at)),
        (ExportState::Failed, _) => "We couldn’t prepare your export. Try again.".to_owned(),
    }
}

/// The link to a part.
pub fn part(number: usize, part: &ExportPart) -> String {
    let photos = match part.photos {
        1 => "one photo".to_owned(),
        many => format!("{many} photos"),
    };
    format!("Part {number}: {photos}, {}", file_size(part.bytes))
}
