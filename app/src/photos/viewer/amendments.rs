//! The amendments of a photo by one key or button.

use model::photos::{Amendment, Photo};

/// Toggles favourite.
pub fn favourite(photo: &Photo) -> Amendment {
    Amendment::Favourite { on: !photo.favourite }
}

/// A quarter turn clockwise.
pub fn turn(photo: &Photo) -> Amendment {
    Amendment::Turned {
        quarters: (photo.turned + 1) % 4,
    }
}

/// Archives, or takes out of the archive.
pub fn archive(photo: &Photo) -> Amendment {
    Amendment::Archived {
        on: photo.archived_at.is_none(),
    }
}
