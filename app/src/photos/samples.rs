//! Fixtures for tests.

use model::photos::{DateSource, Photo, State};
use model::time::Time;

/// A photo that is ready. `name` is also its id, `taken_at` in milliseconds.
pub fn photo(name: u32, taken_at: i64) -> Photo {
    Photo {
        id: format!("0190c9f0-5b1e-7c3a-8d2f-{name:012}").parse().expect("an id"),
        library: "0190c9f0-5b1e-7c3a-8d2f-0000000000aa".parse().expect("an id"),
        revision: 1,
        name: name.to_string(),
        bytes: 1,
        sha256: String::new(),
        receipt: None,
        state: State::Ready,
        history: vec![],
        size: None,
        thumbhash: None,
        taken_at: Time(taken_at),
        date_source: DateSource::Metadata,
        shot: None,
        caption: None,
        favourite: false,
        turned: 0,
        archived_at: None,
        trashed_at: None,
        media: None,
    }
}
