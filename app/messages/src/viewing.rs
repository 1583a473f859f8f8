//! Texts about viewing photos and collections.

use model::photos::DateSource;

pub const FAVOURITE: &str = "Favourite";
pub const FAVOURITE_SYMBOL: &str = "♥";
pub const ROTATE: &str = "Rotate";
pub const ARCHIVE: &str = "Archive";
pub const UNARCHIVE: &str = "Unarchive";
pub const COPY_LINK: &str = "Copy link";
pub const COPIED: &str = "Copied";
pub const INFORMATION: &str = "Information";
pub const DOWNLOAD: &str = "Download";
pub const ORIGINAL: &str = "Original";
pub const CAPTION: &str = "Caption";
pub const CAPTION_HINT: &str = "Add a caption";
pub const MAP: &str = "World map showing where the photo was taken";
pub const SHORTCUTS: &str = "Keyboard shortcuts";
pub const SHORTCUTS_KEY: &str = "?";
pub const CLOSE: &str = "Close";

pub const FAVOURITES: &str = "Favourites";
pub const ARCHIVED: &str = "Archive";
pub const NO_FAVOURITES: &str = "No favourites yet. Mark a photo as a favourite to see it here.";
pub const NO_ARCHIVED: &str = "No archived photos. Archive photos to hide them from your timeline without deleting them.";

pub const EDIT_DATE: &str = "Edit date";
pub const DATE_AND_TIME: &str = "Date and time";
pub const SAVE_DATE: &str = "Save date";
pub const USE_ORIGINAL_DATE: &str = "Use the original date";

/// The label of a photo's date.
pub fn dated(source: DateSource) -> &'static str {
    match source {
        DateSource::Metadata => "Taken",
        DateSource::FileModified => "File date",
        DateSource::FileName | DateSource::FileNameDay => "Date from the file name",
        DateSource::Uploaded => "Uploaded",
        DateSource::Owner => "Taken (edited)",
    }
}

/// A rendition to download, by its longer edge and format.
pub fn rendition(width: u32, format: &str) -> String {
    format!("{} pixels, {}", crate::figures::grouped(width), format.to_uppercase())
}

/// Keyboard shortcuts: on the timeline, and with one photo.
pub const TIMELINE_SHORTCUTS: [(&str, &str); 4] = [
    ("Tab", "Move between photos"),
    ("Enter", "Open a photo"),
    ("Page Up, Page Down", "Scroll by one screen"),
    ("?", "Show keyboard shortcuts"),
];
pub const PHOTO_SHORTCUTS: [(&str, &str); 8] = [
    ("←  →", "Newer or older photo"),
    ("Esc", "Back to all photos"),
    ("+  −  0", "Zoom in, zoom out, fit to screen"),
    ("F", "Favourite"),
    ("R", "Rotate"),
    ("E", "Archive"),
    ("I", "Information"),
    ("D", "Download the original"),
];

/// How many characters a caption has left.
pub fn caption_left(characters: usize) -> String {
    match characters {
        0 => "No characters left".to_owned(),
        1 => "One character left".to_owned(),
        many => format!("{many} characters left"),
    }
}
