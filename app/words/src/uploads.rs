//! What people read of photos that are on their way.

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
pub const AGAIN: &str = "Connection lost. The upload continues automatically.";
pub const PAUSED: &str = "Paused";
pub const THERE: &str = "Uploaded";
pub const ALREADY: &str = "Already in your library";
pub const LOOK: &str = "View";
pub const MOVED: &str = "This file was moved or changed since you chose it. Choose it again.";
pub const NOT_WHOLE: &str = "This folder couldn’t be read completely. Drop it again to upload the rest.";

pub const WHERE: &str = "Where is my photo?";
pub const CLOSE: &str = "Close";
pub const DETAILS: &str = "Details";

pub const CHECKED: &str = "Checked";
pub const CHECKSUM: &str = "Checksum (SHA-256)";
pub const ON_YOUR_DEVICE: &str = "On your device";
pub const ON_ARRIVAL: &str = "When it arrived";
pub const IN_THE_STORE: &str = "In storage";

/// What is on its way, all in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files whose bytes are there.
    pub there: usize,
    /// Files that the library had already.
    pub already: usize,
    /// Files that do not go on by themselves.
    pub failed: usize,
    /// Folders of which not all could be read.
    pub unread: usize,
    /// Files that somebody made wait.
    pub paused: usize,
    /// Files that are yet to come.
    pub under_way: usize,
    /// Bytes of those that are there, wait, or are yet to come.
    pub bytes: u64,
    /// How many of these bytes are there.
    pub sent: u64,
    /// Bytes a second, where it can be told.
    pub speed: Option<u64>,
}

impl Tally {
    /// Files that are to arrive, or have.
    pub fn of(&self) -> usize {
        self.there + self.paused + self.under_way
    }

    /// Whether nothing is left to do.
    pub fn is_over(&self) -> bool {
        self.paused + self.under_way == 0
    }
}

/// One line about all files. It changes with files, not with bytes: it is read out.
pub fn summary(tally: &Tally) -> String {
    let mut parts = Vec::new();
    match (tally.of(), tally.is_over()) {
        (0, _) => {}
        (1, true) => parts.push("One photo uploaded".to_owned()),
        (many, true) => parts.push(format!("{many} photos uploaded")),
        (1, false) if tally.under_way == 0 => parts.push("One photo is paused".to_owned()),
        (1, false) => parts.push("Uploading one photo".to_owned()),
        (many, false) if tally.under_way == 0 => parts.push(format!("Paused: {} of {many} photos uploaded", tally.there)),
        (many, false) => parts.push(format!("Uploading: {} of {many} photos", tally.there)),
    }
    match tally.already {
        0 => {}
        1 => parts.push("one was already in your library".to_owned()),
        many => parts.push(format!("{many} were already in your library")),
    }
    match tally.failed {
        0 => {}
        1 => parts.push("one file couldn’t be uploaded".to_owned()),
        many => parts.push(format!("{many} files couldn’t be uploaded")),
    }
    match tally.unread {
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

/// Asked about files from the share sheet; nothing where there are none.
pub fn shared(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "One photo was shared with Shoebox. Upload it?".to_owned(),
        many => format!("{many} photos were shared with Shoebox. Upload them?"),
    }
}

/// How much is there, how fast it travels, and how long it will.
pub fn figures(tally: &Tally) -> String {
    let share = format!("{} of {}", file_size(tally.sent), file_size(tally.bytes));
    match tally.speed.filter(|speed| *speed > 0 && tally.under_way > 0) {
        Some(speed) => {
            let seconds = tally.bytes.saturating_sub(tally.sent).div_ceil(speed);
            format!("{share} · {}/s · {}", file_size(speed), left(seconds))
        }
        None => share,
    }
}

/// A time that is left, as roughly as it is known.
fn left(seconds: u64) -> String {
    match seconds {
        0..=10 => "a moment left".to_owned(),
        11..=90 => format!("about {} seconds left", seconds.div_ceil(10) * 10),
        91..=5400 => format!("about {} minutes left", seconds.div_ceil(60)),
        _ => format!("about {} hours left", seconds.div_ceil(3600)),
    }
}

/// How far an upload is.
pub fn going(percent: u32) -> String {
    format!("Uploading, {percent}%")
}

/// How far an upload is that this browser could not decode.
pub fn unseen(stage: &str) -> String {
    format!("{stage}. Your browser can’t preview this file, so it appears once it’s uploaded.")
}

/// Files that are not shown one by one.
pub fn more(count: usize) -> String {
    format!("and {count} more")
}

/// A button, where each of several files has one.
pub fn of(button: &str, name: &str) -> String {
    format!("{button}: {}", isolated(name))
}

/// Whether an original arrived as it left.
pub fn checked(photo: &Photo, receipt: &Receipt) -> String {
    match receipt.sha256 == photo.sha256 {
        true => format!("Identical to the file on your device, checked on {}.", date(receipt.at)),
        false => format!("Different from the file on your device, checked on {}.", moment(receipt.at)),
    }
}

/// Asked before signing out while files are on their way.
pub fn sign_out_anyway(waiting: usize) -> String {
    match waiting {
        1 => "One photo isn’t uploaded yet. Sign out anyway? It won’t be uploaded.".to_owned(),
        many => format!("{many} photos aren’t uploaded yet. Sign out anyway? They won’t be uploaded."),
    }
}

#[cfg(test)]
mod tests {
    use super::{Tally, figures, left, shared, summary};

    #[test]
    fn sums_up_what_is_on_its_way() {
        assert_eq!(summary(&Tally::default()), "");
        let tally = Tally {
            there: 3,
            under_way: 4,
            paused: 1,
            failed: 1,
            ..Tally::default()
        };
        assert_eq!(summary(&tally), "Uploading: 3 of 8 photos, one file couldn’t be uploaded");
        let over = Tally {
            there: 500,
            already: 2,
            ..Tally::default()
        };
        assert_eq!(summary(&over), "500 photos uploaded, 2 were already in your library");
        let one = Tally {
            already: 1,
            ..Tally::default()
        };
        assert_eq!(summary(&one), "One was already in your library");
        let broken_off = Tally {
            there: 2,
            unread: 1,
            ..Tally::default()
        };
        assert_eq!(
            summary(&broken_off),
            "2 photos uploaded, one folder couldn’t be read completely"
        );
    }

    #[test]
    fn asks_about_what_was_shared() {
        assert_eq!(shared(0), "");
        assert_eq!(shared(1), "One photo was shared with Shoebox. Upload it?");
        assert_eq!(shared(12), "12 photos were shared with Shoebox. Upload them?");
    }

    #[test]
    fn tells_how_long_it_will_take() {
        let tally = Tally {
            under_way: 1,
            bytes: 100 << 20,
            sent: 40 << 20,
            speed: Some(1 << 20),
            ..Tally::default()
        };
        assert_eq!(figures(&tally), "40 MB of 100 MB · 1 MB/s · about 60 seconds left");
        let waits = Tally { speed: None, ..tally };
        assert_eq!(figures(&waits), "40 MB of 100 MB");
        assert_eq!(left(3), "a moment left");
        assert_eq!(left(600), "about 10 minutes left");
        assert_eq!(left(20_000), "about 6 hours left");
    }
}
