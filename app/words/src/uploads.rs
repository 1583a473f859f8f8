//! What the pages say about uploads and what became of them.

use crate::{date, moment};
use model::photos::{Photo, Receipt};

pub const FOLDER: &str = "Folder";
pub const KNOWN: &str = "Already in your library";
pub const LOOK: &str = "Look at it";
pub const CHECKED: &str = "Checked";
pub const CHECKSUM: &str = "Checksum (SHA-256)";
pub const ON_YOUR_DEVICE: &str = "On your device";
pub const ON_ARRIVAL: &str = "On arrival";
pub const IN_THE_STORE: &str = "In the store";

/// Whether an original arrived as it left.
pub fn checked(photo: &Photo, receipt: &Receipt) -> String {
    match receipt.sha256 == photo.sha256 {
        true => format!("Every byte arrived as it left your device, on {}.", date(receipt.at)),
        false => format!("On {} other bytes were found than left your device.", moment(receipt.at)),
    }
}
