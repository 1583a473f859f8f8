//! The uploads of this window: what is on its way, and what people do to it.

use super::item::{Failure, Item, Stage};
use super::pace::nudge;
use super::shared::Shared;
use super::{files, prepare, send, travel};
use crate::photos::api::{give_up, put_away};
use crate::photos::library::Library;
use crate::ui::fault::Fault;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::ids::PhotoId;
use model::photos::{MAX_ORIGINAL_BYTES, State};
use model::refusals::Refusal;
use std::collections::{BTreeMap, HashMap};
use web_sys::File;
use words::uploads::Tally;

/// The uploads of this window. Outlives navigation.
#[derive(Clone, Copy)]
pub struct Uploads {
    items: RwSignal<BTreeMap<String, Item>>,
    /// The items whose photos are known. The first that has a photo sends it.
    senders: RwSignal<HashMap<PhotoId, Item>>,
    /// Folders of which not all could be read, by their paths.
    unread: RwSignal<Vec<String>>,
    /// How far all of it is.
    pub(super) tally: RwSignal<Tally>,
    /// Files from the share sheet that wait for a decision.
    pub(super) shared: RwSignal<Vec<Shared>>,
    library: Library,
    /// Whether the visitor has said that what is not there yet may be lost.
    given_up: StoredValue<bool>,
}

impl Uploads {
    /// None yet.
    pub fn new(library: Library) -> Self {
        Self {
            items: RwSignal::new(BTreeMap::new()),
            senders: RwSignal::new(HashMap::new()),
            unread: RwSignal::new(Vec::new()),
            tally: RwSignal::new(Tally::default()),
            shared: RwSignal::new(Vec::new()),
            library,
            given_up: StoredValue::new(false),
        }
    }

    /// Does not ask any more before the page goes.
    pub fn give_up(self) {
        self.given_up.set_value(true);
    }

    /// Whether the page may not go without a question.
    pub fn holds_page(self) -> bool {
        self.is_busy() && !self.given_up.get_value()
    }

    /// The uploads of this window.
    pub fn here() -> Self {
        use_context().unwrap_or_else(|| Self::new(Library::here()))
    }

    /// The library that they go to.
    pub fn library(self) -> Library {
        self.library
    }

    /// All of them, in the order in which they were chosen.
    pub fn items(self) -> Vec<Item> {
        self.items.with(|items| items.values().cloned().collect())
    }

    /// All of them as they are now.
    pub fn peek(self) -> Vec<Item> {
        self.items.with_untracked(|items| items.values().cloned().collect())
    }

    /// Files that have no photo of their own: not yet, or never.
    pub fn files(self) -> Vec<Item> {
        let bare = |item: &Item| match item.stage() {
            Stage::Done => false,
            Stage::Already => true,
            _ => item.with(|note| note.photo.is_none()),
        };
        self.items
            .with(|items| items.values().filter(|item| bare(item)).cloned().collect())
    }

    /// What this window sends of a photo, if it does.
    pub fn of(self, id: &PhotoId) -> Option<Item> {
        self.senders.with(|senders| senders.get(id).cloned())
    }

    /// How many files are not there yet.
    pub fn waiting(self) -> usize {
        let under_way = |item: &&Item| untrack(|| item.stage().is_under_way());
        self.items.with_untracked(|items| items.values().filter(under_way).count())
    }

    /// How far all of it is. A photo that arrived and was then refused counts as one that could not be uploaded.
    pub fn tally(self) -> Tally {
        let mut tally = self.tally.get();
        let refused = |item: &Item| {
            // Only of those that arrived: what is noted of others changes often.
            if item.stage() != Stage::Done {
                return false;
            }
            let id = item.with(|note| note.photo.clone());
            let entry = id.and_then(|id| self.library.find(&id));
            entry.is_some_and(|entry| entry.with(|photo| matches!(photo.state, State::Refused { .. })))
        };
        let refused = self.items.with(|items| items.values().filter(|item| refused(item)).count());
        tally.there = tally.there.saturating_sub(refused);
        tally.failed += refused;
        tally.unread = self.unread.with(Vec::len);
        tally
    }

    /// Whether something would be lost, or broken off, if the window closed now.
    pub fn is_busy(self) -> bool {
        self.peek().iter().any(|item| {
            let travels = matches!(item.peek(), Stage::Going | Stage::Again);
            travels || (item.peek().is_under_way() && !files::is_kept(&item.key))
        })
    }

    /// Takes files in. What is wrong with one stops no other.
    pub fn add(self, chosen: Vec<File>) {
        if chosen.is_empty() {
            return;
        }
        if self.peek().iter().all(|item| !item.peek().is_under_way()) {
            self.clear(|stage| matches!(stage, Stage::Done | Stage::Already));
        }
        let items = chosen.into_iter().map(|file| {
            let (key, mut note) = files::begin(&file);
            note.failure = fault_with(note.bytes).map(|refusal| Failure::Denied(Fault::Refused(refusal)));
            let item = Item::new(key, note);
            files::hold(&item, file);
            item
        });
        let items: Vec<_> = items.collect();
        for item in items.iter().filter(|item| item.peek().is_under_way()) {
            files::keep(item, self);
        }
        self.take(items);
    }

    /// A folder was read: whole, or in part.
    pub fn folder_read(self, path: &str, whole: bool) {
        self.unread.maybe_update(|unread| {
            let known = unread.iter().position(|other| other == path);
            match (known, whole) {
                (Some(at), true) => drop(unread.remove(at)),
                (None, false) => unread.push(path.to_owned()),
                _ => return false,
            }
            true
        });
    }

    /// Folders of which not all could be read; who asks is told of changes.
    pub fn unread(self) -> Vec<String> {
        self.unread.get()
    }

    /// Nobody wants to read any more about what is over, well or not.
    pub fn close(self) {
        self.unread.update(Vec::clear);
        self.clear(|stage| !stage.is_under_way());
    }

    /// Takes items in, new ones or such that were kept.
    pub fn take(self, new: Vec<Item>) {
        self.items
            .update(|items| items.extend(new.into_iter().map(|item| (item.key.clone(), item))));
        self.go_on();
    }

    /// Whether a file is among them.
    pub fn has(self, key: &str) -> bool {
        self.items.with_untracked(|items| items.contains_key(key))
    }

    /// Whether nothing more may be done for an item now.
    pub fn is_halted(self, item: &Item) -> bool {
        item.is_paused() || !self.has(&item.key)
    }

    /// Sees to it that as much is done at once as may be.
    pub fn go_on(self) {
        prepare::go_on(self);
        send::go_on(self);
        self.count();
    }

    /// The first item of a stage that may go on.
    pub fn next(self, stage: &Stage) -> Option<Item> {
        self.items.with_untracked(|items| {
            let mut items = items.values();
            items.find(|item| item.peek() == *stage && !item.is_paused()).cloned()
        })
    }

    /// A photo is expected, or was found, for an item. Answers whether the item is the one that sends it.
    pub fn found(self, item: &Item, id: &PhotoId) -> bool {
        let before = item.photo().filter(|before| before != id);
        item.write(|note| note.photo = Some(id.clone()));
        self.senders.update(|senders| senders.retain(|_, sender| sender != item));
        if let Some(before) = before {
            // What is left of an earlier try makes room.
            self.not_wanted(before);
        }
        if self.sender(id).is_some() {
            return false;
        }
        self.senders.update(|senders| {
            senders.insert(id.clone(), item.clone());
        });
        true
    }

    /// The item that sends a photo, or has sent it.
    fn sender(self, id: &PhotoId) -> Option<Item> {
        let sender = self.senders.with_untracked(|senders| senders.get(id).cloned());
        sender.filter(|item| !matches!(item.peek(), Stage::Failed(_)))
    }

    /// An item will not go on by itself.
    pub fn fail(self, item: &Item, failure: Failure) {
        let ends = failure.ends_the_photo();
        item.write(|note| {
            note.failure = Some(failure.clone());
            // It is read again when it is tried again.
            note.sha256 = note.sha256.take().filter(|_| !ends);
        });
        item.set(Stage::Failed(failure));
        files::save(item);
        match item.photo() {
            Some(id) if ends => spawn_local(self.will_not_come(id)),
            Some(id) => self.send_in_its_stead(&id),
            None => {}
        }
    }

    /// The bytes are there, or were.
    pub fn finish(self, item: &Item, stage: Stage) {
        item.set_sent(item.bytes());
        match stage {
            Stage::Done => {
                item.show(None);
                files::let_go(&item.key);
            }
            // The file may yet have to be sent, if another of the same bytes is not.
            _ => files::forget(&item.key),
        }
        item.set(stage);
    }

    /// Makes an item wait.
    pub fn pause(self, item: &Item) {
        item.write(|note| note.paused = true);
        travel::break_off(&item.key);
        nudge();
        files::save(item);
        self.count();
    }

    /// Lets an item go on.
    pub fn resume(self, item: &Item) {
        item.write(|note| note.paused = false);
        files::save(item);
        self.go_on();
    }

    /// Tries again what failed.
    pub fn retry(self, item: &Item) {
        item.write(|note| {
            note.failure = None;
            note.paused = false;
        });
        item.set_sent(0);
        item.set(Stage::Queued);
        files::save(item);
        self.go_on();
    }

    /// Lets an item go. What has not arrived of it will not.
    pub fn cancel(self, item: &Item) {
        let comes = item.peek().is_under_way();
        self.dismiss(item);
        travel::break_off(&item.key);
        nudge();
        if let (Some(id), true) = (item.photo(), comes) {
            self.not_wanted(id);
        }
    }

    /// Nobody wants a photo any more that is expected, or was refused. It is put away only when the server knows that its bytes
    /// will not come.
    pub fn not_wanted(self, id: PhotoId) {
        if self.sender(&id).is_none() {
            spawn_local(async move {
                self.will_not_come(id.clone()).await;
                self.put_away(id);
            });
        }
    }

    /// Nobody wants to read about an item any more.
    pub fn dismiss(self, item: &Item) {
        self.items.update(|items| {
            items.remove(&item.key);
        });
        send::let_go(item);
        self.senders.update(|senders| senders.retain(|_, sender| sender != item));
        files::let_go(&item.key);
        self.count();
    }

    /// Another file comes in the place of an item, and of what is left of it on the table.
    pub fn replace(self, item: &Item) {
        self.dismiss(item);
        if let Some(id) = item.photo() {
            self.not_wanted(id);
        }
    }

    /// Nobody wants to read any more about what is over in such a way.
    pub fn clear(self, over: impl Fn(&Stage) -> bool) {
        for item in self.peek().iter().filter(|item| over(&item.peek())) {
            self.dismiss(item);
        }
    }

    /// Tells the server that a photo's bytes will not come.
    async fn will_not_come(self, id: PhotoId) {
        if let Ok(photo) = give_up(id.clone()).await {
            self.library.apply_response(photo);
        }
        self.send_in_its_stead(&id);
    }

    /// Other files that have the bytes of a photo that this one does not send do.
    fn send_in_its_stead(self, id: &PhotoId) {
        let same = |item: &Item| item.peek() == Stage::Already && item.photo().as_ref() == Some(id);
        for item in self.peek().iter().filter(|item| same(item)) {
            item.write(|note| note.photo = None);
            item.set(Stage::Queued);
        }
        self.go_on();
    }

    /// Takes a photo off the table, if it was refused.
    pub fn put_away(self, id: PhotoId) {
        spawn_local(async move {
            // Where it does not work the photo stays, and says what became of it.
            if let Ok(photo) = put_away(id).await {
                self.library.apply_response(photo);
            }
        });
    }
}

/// What is wrong with a file at first sight. Its kind is known when its first bytes were read.
fn fault_with(bytes: u64) -> Option<Refusal> {
    if bytes == 0 {
        Some(Refusal::EmptyFile)
    } else if bytes > MAX_ORIGINAL_BYTES {
        Some(Refusal::TooLarge {
            limit: MAX_ORIGINAL_BYTES,
        })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_ORIGINAL_BYTES, Refusal, fault_with};

    #[test]
    fn a_file_is_refused_by_its_size_before_it_is_read() {
        assert_eq!(fault_with(0), Some(Refusal::EmptyFile));
        assert_eq!([fault_with(1), fault_with(MAX_ORIGINAL_BYTES)], [None, None]);
        let limit = MAX_ORIGINAL_BYTES;
        assert_eq!(fault_with(MAX_ORIGINAL_BYTES + 1), Some(Refusal::TooLarge { limit }));
    }
}
