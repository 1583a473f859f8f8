//! Updates of what this window holds: by events, by responses, and by the visitor's own amendments.

use super::day_index::{DayIndex, IndexChange};
use super::{Library, MAX_JUST_ADDED};
use crate::photos::api::amend;
use crate::photos::entry::Entry;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::live::{Channel, LiveUpdate, Message};
use model::photos::{Amendment, Photo};
use model::timeline::Collection;

impl Library {
    /// Applies the response to something that this window did.
    pub fn apply_response(self, photo: Photo) {
        let known = self.find(&photo.id).is_some();
        if !known && photo.is_in_timeline() && self.just_added.with_untracked(Vec::len) < MAX_JUST_ADDED {
            self.just_added.update(|entries| entries.insert(0, Entry::new(photo, 0)));
        } else {
            self.apply(photo, 0);
        }
    }

    /// Receives an event of the library's channel. Idempotent, in any order.
    pub fn receive(self, message: Message) {
        if self.received.try_update_value(|received| received.record(message.number)) == Some(true) {
            let LiveUpdate::PhotoChanged { photo } = message.news;
            self.apply(*photo, message.number);
        }
    }

    /// Whether the photos held here are of another library than this channel's.
    pub fn belongs_to_other_library(self, channel: &Channel) -> bool {
        let other = |entry: &Entry| entry.peek(|photo| Channel::Library(photo.library.clone()) != *channel);
        self.day_index
            .with_untracked(|index| index.entries().next().is_some_and(other))
            || self.opened.with_untracked(|opened| opened.as_ref().is_some_and(other))
    }

    pub(super) fn apply(self, photo: Photo, number: u64) {
        if self.is_outdated(&photo) {
            return;
        }
        if let Some(opened) = self.opened.get_untracked().filter(|opened| opened.id == photo.id) {
            opened.update(&photo, number);
        }
        match self.find(&photo.id) {
            Some(entry) => {
                let aspect = entry.aspect();
                entry.update(&photo, number);
                self.reposition(&entry, aspect);
            }
            None => self.insert(Entry::new(photo, number)),
        }
    }

    /// Whether a newer revision was received. A late event must not bring back a photo that has left the timeline.
    fn is_outdated(self, photo: &Photo) -> bool {
        let latest = self.latest_revisions.try_update_value(|revisions| {
            let latest = revisions.entry(photo.id.clone()).or_default();
            *latest = photo.revision.max(*latest);
            *latest
        });
        latest.is_some_and(|latest| photo.revision < latest)
    }

    /// Puts a changed photo where it belongs now. `aspect` is what it was before the change.
    fn reposition(self, entry: &Entry, aspect: f64) {
        let reshaped = (entry.aspect() - aspect).abs() > f64::EPSILON;
        let change = self.update_index(reshaped, |index| index.reposition(&entry.id));
        let just_added = self
            .just_added
            .with_untracked(|entries| entries.iter().any(|held| held.id == entry.id));
        if just_added && !entry.peek(Photo::is_in_timeline) {
            self.just_added.update(|entries| entries.retain(|held| held.id != entry.id));
        } else if !just_added && change == IndexChange::NotHeld {
            self.insert(entry.clone());
        }
        self.update_collection(entry);
    }

    fn insert(self, entry: Entry) {
        if self.start.with_untracked(Option::is_some)
            && self.update_index(false, |index| index.insert_new(entry.clone())) == IndexChange::NotHeld
        {
            // Its day is not loaded, but its count may have changed.
            self.counted.set_value(false);
        }
        self.update_collection(&entry);
    }

    /// Changes the index. Notifies only if photos were moved, or if one in it was reshaped.
    fn update_index(self, reshaped: bool, update: impl FnOnce(&mut DayIndex) -> IndexChange) -> IndexChange {
        let change = self.day_index.try_maybe_update(|day_index| {
            let change = update(day_index);
            if change == IndexChange::MovedOut {
                self.counted.set_value(false);
            }
            let notifies = match change {
                IndexChange::Moved | IndexChange::MovedOut => true,
                IndexChange::Unchanged => reshaped,
                IndexChange::NotHeld => false,
            };
            (notifies, change)
        });
        change.unwrap_or(IndexChange::NotHeld)
    }

    fn update_collection(self, entry: &Entry) {
        let Some(mut held) = self.collection.get_untracked() else {
            return;
        };
        let belongs = entry.peek(|photo| {
            photo.trashed_at.is_none()
                && match held.collection {
                    Collection::Favourites => photo.favourite,
                    Collection::Archive => photo.archived_at.is_some(),
                }
        });
        let contained = held.entries.iter().any(|other| other.id == entry.id);
        if belongs == contained {
            return;
        }
        held.entries.retain(|other| other.id != entry.id);
        if belongs {
            held.insert(entry.clone());
        }
        self.collection.set(Some(held));
    }

    /// Changes a photo with an optimistic update. If the server refuses, the change is undone and the error shown.
    pub fn amend(self, entry: Entry, amendment: Amendment) {
        let aspect = entry.aspect();
        entry.begin_amendment(amendment.clone());
        self.reposition(&entry, aspect);
        spawn_local(async move {
            let response = amend(entry.id.clone(), amendment.clone()).await;
            let aspect = entry.aspect();
            if let Ok(photo) = &response {
                entry.update(photo, 0);
            }
            entry.finish_amendment(&amendment);
            self.reposition(&entry, aspect);
            if let Err(error) = response {
                self.error.set(Some(error));
            }
        });
    }
}
