//! A photo, updated by events, responses and this window's own amendments.

use leptos::prelude::*;
use model::ids::PhotoId;
use model::photos::{Amendment, Photo};
use model::time::{Day, Time};
use std::cmp::Reverse;

/// A photo whose changes are signalled. Clones share their state.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The photo's identifier.
    pub id: PhotoId,
    state: ArcRwSignal<EntryState>,
}

/// The server's photo, with optimistic updates on top.
#[derive(Debug, Clone, PartialEq)]
struct EntryState {
    /// As the server last sent it.
    confirmed: Photo,
    /// Sequence number of the event that brought it; 0 for a response.
    number: u64,
    /// Amendments that the server has not answered yet.
    pending: Vec<Amendment>,
    /// `confirmed` with the pending amendments applied.
    shown: Photo,
}

impl EntryState {
    fn new(confirmed: Photo, number: u64) -> Self {
        Self {
            shown: confirmed.clone(),
            confirmed,
            number,
            pending: vec![],
        }
    }

    /// Revisions order updates. Photos written by earlier releases have none: there the length of the history decides.
    fn is_newer_than(&self, other: &Self) -> bool {
        let age = |state: &Self| (state.confirmed.revision, state.confirmed.history.len(), state.number);
        age(self) > age(other)
    }

    /// Keeps the media links that are in use, so that the browser does not fetch the same images again.
    fn keep_media_of(&mut self, current: &Self) {
        if let (Some(new), Some(old)) = (&mut self.confirmed.media, &current.confirmed.media)
            && new.is_same_content(old)
        {
            new.clone_from(old);
        }
    }

    fn apply_pending(&mut self) {
        self.shown = self.confirmed.clone();
        for amendment in &self.pending {
            amendment.apply(&mut self.shown, Time(js_now()));
        }
    }
}

/// Milliseconds since 1970, by the browser's clock: only for what is shown until the server responds.
pub(super) fn js_now() -> i64 {
    #[cfg(target_arch = "wasm32")]
    return js_sys::Date::now() as i64;
    #[cfg(not(target_arch = "wasm32"))]
    0
}

impl Entry {
    /// From an event with this sequence number, or from a response (0).
    pub fn new(photo: Photo, number: u64) -> Self {
        Self {
            id: photo.id.clone(),
            state: ArcRwSignal::new(EntryState::new(photo, number)),
        }
    }

    /// Reads the photo and subscribes to its changes.
    pub fn with<T>(&self, read: impl FnOnce(&Photo) -> T) -> T {
        self.state.with(|state| read(&state.shown))
    }

    /// Reads the photo without subscribing.
    pub fn peek<T>(&self, read: impl FnOnce(&Photo) -> T) -> T {
        self.state.with_untracked(|state| read(&state.shown))
    }

    /// Takes the photo over, unless it is older than the current one.
    pub fn update(&self, photo: &Photo, number: u64) {
        let new = EntryState::new(photo.clone(), number);
        if self.state.with_untracked(|current| new.is_newer_than(current)) {
            self.replace(new);
        }
    }

    /// Keeps the media links and the pending amendments.
    fn replace(&self, mut new: EntryState) {
        self.state.with_untracked(|current| {
            new.keep_media_of(current);
            new.pending.clone_from(&current.pending);
        });
        new.apply_pending();
        self.state.set(new);
    }

    /// Takes the response for a single photo over, which has more than lists and events have: also at the same revision.
    pub fn refresh(&self, photo: &Photo) {
        let (revision, number) = self.state.with_untracked(|state| (state.confirmed.revision, state.number));
        if photo.revision == revision {
            self.replace(EntryState::new(photo.clone(), number));
        } else {
            self.update(photo, 0);
        }
    }

    /// Shows an amendment before the server has answered (optimistic update).
    pub fn begin_amendment(&self, amendment: Amendment) {
        self.state.update(|state| {
            state.pending.push(amendment);
            state.apply_pending();
        });
    }

    /// Removes an amendment that was answered, so that the confirmed photo shows.
    pub fn finish_amendment(&self, amendment: &Amendment) {
        self.state.update(|state| {
            if let Some(at) = state.pending.iter().position(|pending| pending == amendment) {
                state.pending.remove(at);
            }
            state.apply_pending();
        });
    }

    /// Its position in the timeline, newest first.
    pub fn sort_key(&self) -> Reverse<(i64, PhotoId)> {
        self.peek(|photo| Reverse((photo.wall().0, photo.id.clone())))
    }

    /// The day it was taken.
    pub fn day(&self) -> Day {
        self.peek(Photo::day)
    }

    /// Width by height as shown; 1 while the size is unknown.
    pub fn aspect(&self) -> f64 {
        self.peek(|photo| {
            let size = photo.shown_size().filter(|size| size.width > 0 && size.height > 0);
            size.map_or(1.0, |size| f64::from(size.width) / f64::from(size.height))
        })
    }
}
