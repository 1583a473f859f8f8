//! A photo, and what changes of it while it is looked at.

use leptos::prelude::*;
use model::ids::PhotoId;
use model::photos::{Amendment, Photo};
use model::time::{Day, Time};
use std::cmp::Reverse;

/// A photo, and what changes of it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The photo's identifier.
    pub id: PhotoId,
    known: ArcRwSignal<Known>,
}

/// What is known of a photo.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    /// As the server told it.
    told: Photo,
    /// By which message of the channel; 0 where it was an answer.
    number: u64,
    /// What this window has asked for and not been answered yet.
    asked: Vec<Amendment>,
    /// As it is shown: as it was told, with what was asked for.
    shown: Photo,
}

impl Known {
    fn new(told: Photo, number: u64) -> Self {
        Self {
            shown: told.clone(),
            told,
            number,
            asked: vec![],
        }
    }

    /// Whether this is how the photo is now, to one who knows `other`. Who wrote yesterday did not count the changes;
    /// a history only grows.
    fn is_newer_than(&self, other: &Self) -> bool {
        let age = |known: &Self| (known.told.revision, known.told.history.len(), known.number);
        age(self) > age(other)
    }

    /// Keeps the links to pictures that are shown already, so that the browser fetches none of them again.
    fn keep_pictures_of(&mut self, shown: &Self) {
        if let (Some(new), Some(old)) = (&mut self.told.media, &shown.told.media)
            && new.shows_the_same(old)
        {
            new.clone_from(old);
        }
    }

    fn show(&mut self) {
        self.shown = self.told.clone();
        for amendment in &self.asked {
            amendment.apply(&mut self.shown, Time(js_now()));
        }
    }
}

/// Milliseconds since 1970, by the browser's clock: only for what is shown until the server's answer.
pub(super) fn js_now() -> i64 {
    #[cfg(target_arch = "wasm32")]
    return js_sys::Date::now() as i64;
    #[cfg(not(target_arch = "wasm32"))]
    0
}

impl Entry {
    /// A photo that was told by a message, or by an answer (0).
    pub fn new(photo: Photo, number: u64) -> Self {
        Self {
            id: photo.id.clone(),
            known: ArcRwSignal::new(Known::new(photo, number)),
        }
    }

    /// Looks at the photo, and is told when it changes.
    pub fn with<T>(&self, look: impl FnOnce(&Photo) -> T) -> T {
        self.known.with(|known| look(&known.shown))
    }

    /// Looks at the photo once.
    pub fn peek<T>(&self, look: impl FnOnce(&Photo) -> T) -> T {
        self.known.with_untracked(|known| look(&known.shown))
    }

    /// Learns how the photo is. News that are older than what is known change nothing.
    pub fn learn(&self, photo: &Photo, number: u64) {
        let news = Known::new(photo.clone(), number);
        if self.known.with_untracked(|known| news.is_newer_than(known)) {
            self.take(news);
        }
    }

    /// Knows the photo so, with the pictures that are shown and what was asked for.
    fn take(&self, mut news: Known) {
        self.known.with_untracked(|known| {
            news.keep_pictures_of(known);
            news.asked.clone_from(&known.asked);
        });
        news.show();
        self.known.set(news);
    }

    /// Learns what is told of one photo alone, where it is as new as what is known.
    pub fn complete(&self, photo: &Photo) {
        let (revision, number) = self.known.with_untracked(|known| (known.told.revision, known.number));
        if photo.revision == revision {
            self.take(Known::new(photo.clone(), number));
        } else {
            self.learn(photo, 0);
        }
    }

    /// Shows what was asked for, until it is answered.
    pub fn ask(&self, amendment: Amendment) {
        self.known.update(|known| {
            known.asked.push(amendment);
            known.show();
        });
    }

    /// What was asked for was answered: from now on the photo is as it is told.
    pub fn answered(&self, amendment: &Amendment) {
        self.known.update(|known| {
            if let Some(at) = known.asked.iter().position(|asked| asked == amendment) {
                known.asked.remove(at);
            }
            known.show();
        });
    }

    /// Its place in the timeline, newest first.
    pub fn place(&self) -> Reverse<(i64, PhotoId)> {
        self.peek(|photo| Reverse((photo.wall().0, photo.id.clone())))
    }

    /// The day it was taken.
    pub fn day(&self) -> Day {
        self.peek(Photo::day)
    }

    /// How wide it is shown for its height. A square as long as nobody knows.
    pub fn aspect(&self) -> f64 {
        self.peek(|photo| {
            let size = photo.shown_size().filter(|size| size.width > 0 && size.height > 0);
            size.map_or(1.0, |size| f64::from(size.width) / f64::from(size.height))
        })
    }
}
