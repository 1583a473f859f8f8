//! Looking at one photo, and at shelves of some.

use model::photos::DateSource;

pub const FAVOURITE: &str = "Favourite";
pub const FAVOURITE_SIGN: &str = "♥";
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
pub const MAP: &str = "Where it was taken, on a map of the world";
pub const KEYS: &str = "Keyboard shortcuts";
pub const KEYS_SIGN: &str = "?";
pub const CLOSE: &str = "Close";

pub const FAVOURITES: &str = "Favourites";
pub const ARCHIVED: &str = "Archive";
pub const NO_FAVOURITES: &str = "Nothing is here yet. Mark a photo as a favourite, and it is.";
pub const NO_ARCHIVED: &str = "Nothing is here. What you archive leaves the timeline, and stays safe.";

pub const EDIT_DATE: &str = "Edit date";
pub const DATE_AND_TIME: &str = "Date and time";
pub const SAVE_DATE: &str = "Save date";
pub const FOUND_DATE: &str = "Use the original date";

/// What a photo's date is.
pub fn dated(source: DateSource) -> &'static str {
    match source {
        DateSource::Metadata => "Taken",
        DateSource::FileModified => "File date",
        DateSource::FileName | DateSource::FileNameDay => "Date from the file name",
        DateSource::Uploaded => "Uploaded",
        DateSource::Owner => "Taken (edited)",
    }
}

/// A rendition to save, by its longer edge and format.
pub fn rendition(width: u32, format: &str) -> String {
    format!("{} pixels, {}", crate::figures::grouped(width), format.to_uppercase())
}

/// Keys, and what they do: on the light table, and with a photo.
pub const KEYS_OF_TABLE: [(&str, &str); 4] = [
    ("Tab", "From photo to photo"),
    ("Enter", "Open a photo"),
    ("Page Up, Page Down", "One screen at a time"),
    ("?", "This list"),
];
pub const KEYS_OF_PHOTO: [(&str, &str); 8] = [
    ("←  →", "Newer, older photo"),
    ("Esc", "Back to all photos"),
    ("+  −  0", "Larger, smaller, whole"),
    ("F", "Favourite"),
    ("R", "Rotate"),
    ("E", "Archive"),
    ("I", "Information"),
    ("D", "Download the original"),
];

/// How much more a caption can say.
pub fn caption_left(characters: usize) -> String {
    match characters {
        0 => "That is as long as a caption can be.".to_owned(),
        1 => "One more character".to_owned(),
        many => format!("{many} more characters"),
    }
}
