//! The upload queue of this window.

use super::backoff::Notify;
use super::count;
use super::item::{Item, Stage, UploadError};
use super::reader::Reader;
use super::store::Store;
use super::stored::Shared;
use super::transport::Transport;
use crate::photos::api::{give_up, put_away};
use crate::photos::library::Library;
use crate::ui::error::RequestError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use messages::uploads::Tally;
use model::ids::PhotoId;
use model::photos::{MAX_ORIGINAL_BYTES, State};
use model::user_error::UserError;
use std::collections::{BTreeMap, HashMap};
use web_sys::File;

/// The upload queue. Outlives navigation.
#[derive(Clone, Copy)]
pub struct Uploads {
    items: RwSignal<BTreeMap<String, Item>>,
    /// The item that sends each photo: the first that was granted it.
    senders: RwSignal<HashMap<PhotoId, Item>>,
    /// Paths of folders that could not be read completely.
    incomplete_folders: RwSignal<Vec<String>>,
    /// Progress of all items.
    tally: RwSignal<Tally>,
    /// Files from the share sheet that wait for a decision.
    pub(super) shared: RwSignal<Vec<Shared>>,
    library: Library,
    pub(super) store: Store,
    pub(super) reader: Reader,
    pub(super) transport: Transport,
    /// Ends waits for the connection.
    pub(super) retry: Notify,
    /// Starts as much work on the items as the limits allow.
    start_work: fn(Uploads),
    /// Whether the visitor has agreed to lose what is not uploaded.
    unload_confirmed: StoredValue<bool>,
}

impl Uploads {
    /// Empty. `start_work` is called whenever there may be work to do.
    pub fn new(library: Library, start_work: fn(Uploads)) -> Self {
        let retry = Notify::default();
        Self {
            items: RwSignal::new(BTreeMap::new()),
            senders: RwSignal::new(HashMap::new()),
            incomplete_folders: RwSignal::new(Vec::new()),
            tally: RwSignal::new(Tally::default()),
            shared: RwSignal::new(Vec::new()),
            library,
            store: Store::new(retry),
            reader: Reader::default(),
            transport: Transport::default(),
            retry,
            start_work,
            unload_confirmed: StoredValue::new(false),
        }
    }

    /// Leave the page without a question.
    pub fn give_up(self) {
        self.unload_confirmed.set_value(true);
    }

    /// Whether to ask before the page is left.
    pub fn confirms_unload(self) -> bool {
        self.is_busy() && !self.unload_confirmed.get_value()
    }

    /// From the context. Without one, nothing is uploaded.
    pub fn here() -> Self {
        use_context().unwrap_or_else(|| Self::new(Library::here(), |_| ()))
    }

    pub fn library(self) -> Library {
        self.library
    }

    /// All items, in the order in which they were chosen.
    pub fn items(self) -> Vec<Item> {
        self.items.with(|items| items.values().cloned().collect())
    }

    /// All items, untracked.
    pub fn items_untracked(self) -> Vec<Item> {
        self.items.with_untracked(|items| items.values().cloned().collect())
    }

    /// Items without a photo of their own: not yet, or because they are duplicates.
    pub fn files_without_photo(self) -> Vec<Item> {
        let without_photo = |item: &Item| match item.stage() {
            Stage::Done => false,
            Stage::Duplicate => true,
            _ => item.with_note(|note| note.photo.is_none()),
        };
        self.items
            .with(|items| items.values().filter(|item| without_photo(item)).cloned().collect())
    }

    /// The item that sends a photo, if this window does.
    pub fn item_for(self, id: &PhotoId) -> Option<Item> {
        self.senders.with(|senders| senders.get(id).cloned())
    }

    /// How many items are pending.
    pub fn waiting(self) -> usize {
        let pending = |item: &&Item| untrack(|| item.stage().is_pending());
        self.items.with_untracked(|items| items.values().filter(pending).count())
    }

    /// Progress of all items. A photo that was uploaded and then refused counts as failed.
    pub fn tally(self) -> Tally {
        let mut tally = self.tally.get();
        let refused = |item: &Item| {
            // Only finished items: notes of others change often.
            if item.stage() != Stage::Done {
                return false;
            }
            let id = item.with_note(|note| note.photo.clone());
            let entry = id.and_then(|id| self.library.find(&id));
            entry.is_some_and(|entry| entry.with(|photo| matches!(photo.state, State::Refused { .. })))
        };
        let refused = self.items.with(|items| items.values().filter(|item| refused(item)).count());
        tally.there = tally.there.saturating_sub(refused);
        tally.failed += refused;
        tally.unread = self.incomplete_folders.with(Vec::len);
        tally
    }

    /// Whether closing the window now would lose or interrupt something.
    pub fn is_busy(self) -> bool {
        self.items_untracked().iter().any(|item| {
            let sending = matches!(item.peek_stage(), Stage::Sending | Stage::Retrying);
            sending || (item.peek_stage().is_pending() && !self.store.is_persisted(&item.key))
        })
    }

    /// Adds files. An invalid one does not affect the others.
    pub fn add(self, chosen: Vec<File>) {
        if chosen.is_empty() {
            return;
        }
        if self.items_untracked().iter().all(|item| !item.peek_stage().is_pending()) {
            self.clear(|stage| matches!(stage, Stage::Done | Stage::Duplicate));
        }
        let items = chosen.into_iter().map(|file| {
            let failure = size_error(file.size() as u64);
            self.store.hold(
                file,
                failure.map(|refusal| UploadError::Denied(RequestError::Refused(refusal))),
            )
        });
        let items: Vec<_> = items.collect();
        for item in items.iter().filter(|item| item.peek_stage().is_pending()) {
            self.store.persist(item, move |key| self.has(key));
        }
        self.insert(items);
    }

    /// Records whether a folder could be read completely.
    pub fn folder_read(self, path: &str, complete: bool) {
        self.incomplete_folders.maybe_update(|folders| {
            let known = folders.iter().position(|other| other == path);
            match (known, complete) {
                (Some(at), true) => drop(folders.remove(at)),
                (None, false) => folders.push(path.to_owned()),
                _ => return false,
            }
            true
        });
    }

    /// Paths of folders that could not be read completely. Reactive.
    pub fn incomplete_folders(self) -> Vec<String> {
        self.incomplete_folders.get()
    }

    /// Removes everything that is finished, with or without success.
    pub fn close(self) {
        self.incomplete_folders.update(Vec::clear);
        self.clear(|stage| !stage.is_pending());
    }

    /// Adds items: new ones, or persisted ones.
    pub fn insert(self, new: Vec<Item>) {
        self.items
            .update(|items| items.extend(new.into_iter().map(|item| (item.key.clone(), item))));
        self.schedule();
    }

    /// Adds the persisted files that no other open window uploads.
    pub async fn adopt(self) {
        let adopted = self.store.adopt(|key| self.has(key)).await;
        if !adopted.is_empty() {
            self.insert(adopted);
        }
    }

    pub fn has(self, key: &str) -> bool {
        self.items.with_untracked(|items| items.contains_key(key))
    }

    /// Whether an item is paused or removed.
    pub fn is_stopped(self, item: &Item) -> bool {
        item.is_paused() || !self.has(&item.key)
    }

    /// Starts as much work as the limits allow.
    pub fn schedule(self) {
        (self.start_work)(self);
        self.track_progress();
    }

    fn track_progress(self) {
        count::track(move || self.items_untracked(), self.tally);
    }

    /// The first item at a stage that is not paused.
    pub fn next(self, stage: &Stage) -> Option<Item> {
        self.items.with_untracked(|items| {
            let mut items = items.values();
            items.find(|item| item.peek_stage() == *stage && !item.is_paused()).cloned()
        })
    }

    /// Records an item's photo. Returns whether this item is the one that sends it.
    pub fn assign_photo(self, item: &Item, id: &PhotoId) -> bool {
        let before = item.photo().filter(|before| before != id);
        item.update_note(|note| note.photo = Some(id.clone()));
        self.senders.update(|senders| senders.retain(|_, sender| sender != item));
        if let Some(before) = before {
            // A photo from an earlier attempt is discarded.
            self.discard_photo(before);
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
        sender.filter(|item| !matches!(item.peek_stage(), Stage::Failed(_)))
    }

    /// Stops an item with an error.
    pub fn fail(self, item: &Item, failure: UploadError) {
        let ends = failure.gives_up_photo();
        item.update_note(|note| {
            note.failure = Some(failure.clone());
            // Read the file again on retry.
            note.sha256 = note.sha256.take().filter(|_| !ends);
        });
        item.set_stage(Stage::Failed(failure));
        self.store.save_note(item);
        match item.photo() {
            Some(id) if ends => spawn_local(self.give_up_photo(id)),
            Some(id) => self.requeue_duplicates(&id),
            None => {}
        }
    }

    /// The bytes are stored, by this upload or an earlier one.
    pub fn finish(self, item: &Item, stage: Stage) {
        item.set_sent(item.bytes());
        match stage {
            Stage::Done => {
                item.set_thumbnail(None);
                self.store.release(&item.key);
            }
            // The file is still needed if the item that sends the same bytes fails.
            _ => self.store.delete_persisted(&item.key),
        }
        item.set_stage(stage);
    }

    pub fn pause(self, item: &Item) {
        item.update_note(|note| note.paused = true);
        self.transport.abort(&item.key);
        self.retry.wake();
        self.store.save_note(item);
        self.track_progress();
    }

    pub fn resume(self, item: &Item) {
        item.update_note(|note| note.paused = false);
        self.store.save_note(item);
        self.schedule();
    }

    pub fn retry(self, item: &Item) {
        item.update_note(|note| {
            note.failure = None;
            note.paused = false;
        });
        item.set_sent(0);
        item.set_stage(Stage::Queued);
        self.store.save_note(item);
        self.schedule();
    }

    /// Removes an item, and discards its photo unless that is uploaded.
    pub fn cancel(self, item: &Item) {
        let was_pending = item.peek_stage().is_pending();
        self.dismiss(item);
        self.transport.abort(&item.key);
        self.retry.wake();
        if let (Some(id), true) = (item.photo(), was_pending) {
            self.discard_photo(id);
        }
    }

    /// Discards a photo that is expected or was refused. Only after giving it up: then no bytes can arrive any more.
    pub fn discard_photo(self, id: PhotoId) {
        if self.sender(&id).is_none() {
            spawn_local(async move {
                self.give_up_photo(id.clone()).await;
                self.put_away(id);
            });
        }
    }

    /// Removes an item from the list.
    pub fn dismiss(self, item: &Item) {
        self.items.update(|items| {
            items.remove(&item.key);
        });
        self.senders.update(|senders| senders.retain(|_, sender| sender != item));
        self.store.release(&item.key);
        self.track_progress();
    }

    /// Removes an item and its photo, before another file replaces it.
    pub fn replace(self, item: &Item) {
        self.dismiss(item);
        if let Some(id) = item.photo() {
            self.discard_photo(id);
        }
    }

    /// Removes the items at the matching stages.
    pub fn clear(self, matches: impl Fn(&Stage) -> bool) {
        for item in self.items_untracked().iter().filter(|item| matches(&item.peek_stage())) {
            self.dismiss(item);
        }
    }

    /// Reports to the server that a photo's bytes will not come.
    async fn give_up_photo(self, id: PhotoId) {
        if let Ok(photo) = give_up(id.clone()).await {
            self.library.apply_response(photo);
        }
        self.requeue_duplicates(&id);
    }

    /// After an item has failed, another with the same bytes sends them.
    fn requeue_duplicates(self, id: &PhotoId) {
        let same = |item: &Item| item.peek_stage() == Stage::Duplicate && item.photo().as_ref() == Some(id);
        for item in self.items_untracked().iter().filter(|item| same(item)) {
            item.update_note(|note| note.photo = None);
            item.set_stage(Stage::Queued);
        }
        self.schedule();
    }

    /// Moves a refused photo to the trash.
    pub fn put_away(self, id: PhotoId) {
        spawn_local(async move {
            // On an error the photo stays, and shows its state.
            if let Ok(photo) = put_away(id).await {
                self.library.apply_response(photo);
            }
        });
    }
}

/// Checks the size. The type is checked when the file is read.
fn size_error(bytes: u64) -> Option<UserError> {
    if bytes == 0 {
        Some(UserError::EmptyFile)
    } else if bytes > MAX_ORIGINAL_BYTES {
        Some(UserError::TooLarge {
            limit: MAX_ORIGINAL_BYTES,
        })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_ORIGINAL_BYTES, UserError, size_error};

    #[test]
    fn a_file_is_refused_by_its_size_before_it_is_read() {
        assert_eq!(size_error(0), Some(UserError::EmptyFile));
        assert_eq!([size_error(1), size_error(MAX_ORIGINAL_BYTES)], [None, None]);
        let limit = MAX_ORIGINAL_BYTES;
        assert_eq!(size_error(MAX_ORIGINAL_BYTES + 1), Some(UserError::TooLarge { limit }));
    }
}
