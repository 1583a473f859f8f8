//! What changes of what this window holds: by messages, by answers, and by what is done here.

use super::{Library, MOST_FRESH};
use crate::photos::api::amend;
use crate::photos::entry::Entry;
use crate::photos::table::roll::{Roll, Taken};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::live::{Channel, Message, News};
use model::photos::{Amendment, Photo};
use model::timeline::Shelf;

impl Library {
    /// Learns how a photo is from the answer to something that this window did.
    pub fn learn(self, photo: Photo) {
        let known = self.find(&photo.id).is_some();
        if !known && photo.is_on_the_table() && self.fresh.with_untracked(Vec::len) < MOST_FRESH {
            self.fresh.update(|fresh| fresh.insert(0, Entry::new(photo, 0)));
        } else {
            self.take(photo, 0);
        }
    }

    /// Hears a message of the library's channel; again, or late, changes nothing.
    pub fn hear(self, message: Message) {
        if self.heard.try_update_value(|heard| heard.hear(message.number)) == Some(true) {
            let News::PhotoChanged { photo } = message.news;
            self.take(*photo, message.number);
        }
    }

    /// Whether what is held is of another library than this channel's.
    pub fn is_of_another(self, channel: &Channel) -> bool {
        let other = |entry: &Entry| entry.peek(|photo| Channel::Library(photo.library.clone()) != *channel);
        self.roll.with_untracked(|roll| roll.entries().next().is_some_and(other))
            || self.opened.with_untracked(|opened| opened.as_ref().is_some_and(other))
    }

    pub(super) fn take(self, photo: Photo, number: u64) {
        if self.is_old_news(&photo) {
            return;
        }
        if let Some(opened) = self.opened.get_untracked().filter(|opened| opened.id == photo.id) {
            opened.learn(&photo, number);
        }
        match self.find(&photo.id) {
            Some(entry) => {
                let shape = entry.aspect();
                entry.learn(&photo, number);
                self.settle(&entry, shape);
            }
            None => self.arrive(Entry::new(photo, number)),
        }
    }

    /// Whether a photo is known to be otherwise by now. What has left the table must not come back by a message that is late.
    fn is_old_news(self, photo: &Photo) -> bool {
        let newest = self.newest.try_update_value(|newest| {
            let newest = newest.entry(photo.id.clone()).or_default();
            *newest = photo.revision.max(*newest);
            *newest
        });
        newest.is_some_and(|newest| photo.revision < newest)
    }

    /// A photo that is held has changed: it may belong elsewhere, or have another shape.
    fn settle(self, entry: &Entry, shape: f64) {
        let reshaped = (entry.aspect() - shape).abs() > f64::EPSILON;
        let taken = self.tell(reshaped, |roll| roll.changed(&entry.id));
        let fresh = self
            .fresh
            .with_untracked(|fresh| fresh.iter().any(|held| held.id == entry.id));
        if fresh && !entry.peek(Photo::is_on_the_table) {
            self.fresh.update(|fresh| fresh.retain(|held| held.id != entry.id));
        } else if !fresh && taken == Taken::Elsewhere {
            self.arrive(entry.clone());
        }
        self.tidy_shelf(entry);
    }

    fn arrive(self, entry: Entry) {
        if self.start.with_untracked(Option::is_some) && self.tell(false, |roll| roll.arrived(entry.clone())) == Taken::Elsewhere
        {
            // Where it is nobody looks, but it may be counted there.
            self.counted.set_value(false);
        }
        self.tidy_shelf(&entry);
    }

    /// Tells the roll news; who looks at it hears of them where they change it, or where a photo in it has another shape.
    fn tell(self, reshaped: bool, news: impl FnOnce(&mut Roll) -> Taken) -> Taken {
        let taken = self.roll.try_maybe_update(|roll| {
            let taken = news(roll);
            if taken == Taken::Gone {
                self.counted.set_value(false);
            }
            let changes = match taken {
                Taken::Moved | Taken::Gone => true,
                Taken::Same => reshaped,
                Taken::Elsewhere => false,
            };
            (changes, taken)
        });
        taken.unwrap_or(Taken::Elsewhere)
    }

    fn tidy_shelf(self, entry: &Entry) {
        let Some(mut held) = self.shelf.get_untracked() else {
            return;
        };
        let belongs = entry.peek(|photo| {
            photo.trashed_at.is_none()
                && match held.shelf {
                    Shelf::Favourites => photo.favourite,
                    Shelf::Archive => photo.archived_at.is_some(),
                }
        });
        let there = held.entries.iter().any(|other| other.id == entry.id);
        if belongs == there {
            return;
        }
        held.entries.retain(|other| other.id != entry.id);
        if belongs {
            held.insert(entry.clone());
        }
        self.shelf.set(Some(held));
    }

    /// Changes a photo: at once for who looks, and undone with a word if it is refused.
    pub fn amend(self, entry: Entry, amendment: Amendment) {
        let shape = entry.aspect();
        entry.ask(amendment.clone());
        self.settle(&entry, shape);
        spawn_local(async move {
            let answer = amend(entry.id.clone(), amendment.clone()).await;
            let shape = entry.aspect();
            if let Ok(photo) = &answer {
                entry.learn(photo, 0);
            }
            entry.answered(&amendment);
            self.settle(&entry, shape);
            if let Err(fault) = answer {
                self.trouble.set(Some(fault));
            }
        });
    }
}
