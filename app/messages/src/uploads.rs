//! Texts about uploads.

use crate::untrusted::isolated;
use crate::{date, file_size, moment};
use model::photos::{Photo, Receipt};

pub const UPLOAD: &str = "Upload";
pub const FOLDER: &str = "Folder";
pub const CAMERA: &str = "Camera";
pub const NEEDS_SCRIPT: &str = "Turn on JavaScript to upload photos. You can view them without it.";
pub const DROP_HERE: &str = "Drop to upload";

pub const PANEL: &str = "Uploads";
pub const PROGRESS: &str = "Upload progress";
pub const FILES: &str = "Files";
pub const PAUSE: &str = "Pause";
pub const RESUME: &str = "Resume";
pub const CANCEL: &str = "Cancel";
pub const RETRY: &str = "Try again";
pub const CHOOSE_AGAIN: &str = "Choose again";
pub const REMOVE: &str = "Remove";
pub const PAUSE_ALL: &str = "Pause all";
pub const RESUME_ALL: &str = "Resume all";
pub const CANCEL_ALL: &str = "Cancel all";
pub const RETRY_ALL: &str = "Try all again";
pub const DONE: &str = "Close";

pub const SHARED: &str = "Shared with Shoebox";
pub const DISCARD: &str = "Discard";

pub const QUEUED: &str = "Queued";
pub const READING: &str = "Reading file";
pub const WAITING: &str = "Waiting to upload";
pub const RETRYING: &str = "Connection lost. The upload continues automatically.";
pub const PAUSED: &str = "Paused";
pub const UPLOADED: &str = "Uploaded";
pub const DUPLICATE: &str = "Already in your library";
pub const VIEW_PHOTO: &str = "View";
pub const MOVED: &str = "This file was moved or changed since you chose it. Choose it again.";
pub const FOLDER_INCOMPLETE: &str = "This folder couldn’t be read completely. Drop it again to upload the rest.";

pub const STATUS: &str = "Upload status";
pub const CLOSE: &str = "Close";
pub const DETAILS: &str = "Details";

pub const CHECKED: &str = "Checked";
pub const CHECKSUM: &str = "Checksum (SHA-256)";
pub const ON_YOUR_DEVICE: &str = "On your device";
pub const ON_ARRIVAL: &str = "When it arrived";
pub const IN_STORAGE: &str = "In storage";

/// Totals of all uploads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UploadTotals {
    /// Uploaded files.
    pub uploaded: usize,
    /// Files that the library already had.
    pub duplicates: usize,
    /// Files that failed and are not retried.
    pub failed: usize,
    /// Folders that could not be read completely.
    pub incomplete_folders: usize,
    /// Paused files.
    pub paused: usize,
    /// Pending files, including those being uploaded.
    pub pending: usize,
    /// Bytes of uploaded, paused and pending files.
    pub bytes: u64,
    /// How many of these bytes are uploaded.
    pub sent: u64,
    /// Bytes a second, if known.
    pub speed: Option<u64>,
}

impl UploadTotals {
    /// Uploaded, paused and pending files.
    pub fn of(&self) -> usize {
        self.uploaded + self.paused + self.pending
    }

    /// Whether nothing is paused or pending.
    pub fn is_over(&self) -> bool {
        self.paused + self.pending == 0
    }
}

/// A summary of all files. It changes per file, not per byte, as screen readers announce it.
pub fn summary(totals: &UploadTotals) -> String {
    let mut parts = Vec::new();
    match (totals.of(), totals.is_over()) {
        (0, _) => {}
        (1, true) => parts.push("One photo uploaded".to_owned()),
        (many, true) => parts.push(format!("{many} photos uploaded")),
        (1, false) if totals.pending == 0 => parts.push("One photo is paused".to_owned()),
        (1, false) => parts.push("Uploading one photo".to_owned()),
        (many, false) if totals.pending == 0 => parts.push(format!("Paused: {} of {many} photos uploaded", totals.uploaded)),
        (many, false) => parts.push(format!("Uploading: {} of {many} photos", totals.uploaded)),
    }
    match totals.duplicates {
        0 => {}
        1 => parts.push("one was already in your library".to_owned()),
        many => parts.push(format!("{many} were already in your library")),
    }
    match totals.failed {
        0 => {}
        1 => parts.push("one file couldn’t be uploaded".to_owned()),
        many => parts.push(format!("{many} files couldn’t be uploaded")),
    }
    match totals.incomplete_folders {
        0 => {}
        1 => parts.push("one folder couldn’t be read completely".to_owned()),
        many => parts.push(format!("{many} folders couldn’t be read completely")),
    }
    let line = parts.join(", ");
    let mut letters = line.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// The question about files from the share sheet; empty without files.
pub fn shared(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "One photo was shared with Shoebox. Upload it?".to_owned(),
        many => format!("{many} photos were shared with Shoebox. Upload them?"),
    }
}

/// Progress, speed and remaining time.
pub fn figures(totals: &UploadTotals) -> String {
    let progress = format!("{} of {}", file_size(totals.sent), file_size(totals.bytes));
    match totals.speed.filter(|speed| *speed > 0 && totals.pending > 0) {
        Some(speed) => {
            let seconds = totals.bytes.saturating_sub(totals.sent).div_ceil(speed);
            format!("{progress} · {}/s · {}", file_size(speed), left(seconds))
        }
        None => progress,
    }
}

/// The estimated remaining time.
fn left(seconds: u64) -> String {
    match seconds {
        0..=10 => "a moment left".to_owned(),
        11..=90 => format!("about {} seconds left", seconds.div_ceil(10) * 10),
        91..=5400 => format!("about {} minutes left", seconds.div_ceil(60)),
        _ => format!("about {} hours left", seconds.div_ceil(3600)),
    }
}

/// The progress of an upload.
pub fn going(percent: u32) -> String {
    format!("Uploading, {percent}%")
}

/// The progress of an upload that this browser cannot preview.
pub fn unseen(state: &str) -> String {
    format!("{state}. Your browser can’t preview this file, so it appears once it’s uploaded.")
}

/// The number of files that are not listed.
pub fn more(count: usize) -> String {
    format!("and {count} more")
}

/// Accessible name of a button, where several files have one.
pub fn of(button: &str, name: &str) -> String {
    format!("{button}: {}", isolated(name))
}

/// Whether the stored original is identical to the uploaded file.
pub fn checked(photo: &Photo, receipt: &Receipt) -> String {
    match receipt.sha256 == photo.sha256 {
        true => format!("Identical to the file on your device, checked on {}.", date(receipt.at)),
        false => format!("Different from the file on your device, checked on {}.", moment(receipt.at)),
    }
}

/// The confirmation for signing out during uploads.
pub fn sign_out_anyway(waiting: usize) -> String {
    match waiting {
        1 => "One photo isn’t uploaded yet. Sign out anyway? It won’t be uploaded.".to_owned(),
        many => format!("{many} photos aren’t uploaded yet. Sign out anyway? They won’t be uploaded."),
    }
}

#[cfg(test)]
mod tests {
    use super::{UploadTotals, figures, left, shared, summary};

    #[test]
    fn summarizes_uploads() {
        assert_eq!(summary(&UploadTotals::default()), "");
        let totals = UploadTotals {
            uploaded: 3,
            pending: 4,
            paused: 1,
            failed: 1,
            ..UploadTotals::default()
        };
        assert_eq!(summary(&totals), "Uploading: 3 of 8 photos, one file couldn’t be uploaded");
        let over = UploadTotals {
            uploaded: 500,
            duplicates: 2,
            ..UploadTotals::default()
        };
        assert_eq!(summary(&over), "500 photos uploaded, 2 were already in your library");
        let one = UploadTotals {
            duplicates: 1,
            ..UploadTotals::default()
        };
        assert_eq!(summary(&one), "One was already in your library");
        let incomplete = UploadTotals {
            uploaded: 2,
            incomplete_folders: 1,
            ..UploadTotals::default()
        };
        assert_eq!(
            summary(&incomplete),
            "2 photos uploaded, one folder couldn’t be read completely"
        );
    }

    #[test]
    fn asks_about_shared_files() {
        assert_eq!(shared(0), "");
        assert_eq!(shared(1), "One photo was shared with Shoebox. Upload it?");
        assert_eq!(shared(12), "12 photos were shared with Shoebox. Upload them?");
    }

    #[test]
    fn estimates_the_remaining_time() {
        let totals = UploadTotals {
            pending: 1,
            bytes: 100 << 20,
            sent: 40 << 20,
            speed: Some(1 << 20),
            ..UploadTotals::default()
        };
        assert_eq!(figures(&totals), "40 MB of 100 MB · 1 MB/s · about 60 seconds left");
        let unknown_speed = UploadTotals { speed: None, ..totals };
        assert_eq!(figures(&unknown_speed), "40 MB of 100 MB");
        assert_eq!(left(3), "a moment left");
        assert_eq!(left(600), "about 10 minutes left");
        assert_eq!(left(20_000), "about 6 hours left");
    }
}
