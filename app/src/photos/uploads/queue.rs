//! The items of this window, and the photos they become.

use super::backoff::Notify;
use super::file_store::FileStore;
use super::item::{Item, UploadError, UploadState};
use crate::photos::api::{cancel_upload, move_to_trash};
use crate::photos::library::Library;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::ids::PhotoId;
use std::collections::{BTreeMap, HashMap};

/// The items, in the order in which their files were chosen.
#[derive(Clone, Copy)]
pub struct Queue {
    pub items: RwSignal<BTreeMap<String, Item>>,
    /// The item that sends each photo: the first that was granted it.
    senders: RwSignal<HashMap<PhotoId, Item>>,
    pub library: Library,
    pub store: FileStore,
    /// Wakes workers that found no item.
    pub work: Notify,
}

impl Queue {
    /// Empty.
    pub fn new(library: Library, store: FileStore) -> Self {
        Self {
            items: RwSignal::new(BTreeMap::new()),
            senders: RwSignal::new(HashMap::new()),
            library,
            store,
            work: Notify::default(),
        }
    }

    /// All items, untracked.
    pub fn items_untracked(self) -> Vec<Item> {
        self.items.with_untracked(|items| items.values().cloned().collect())
    }

    /// The item that sends a photo, if this window does. Reactive.
    pub fn item_for(self, id: &PhotoId) -> Option<Item> {
        self.senders.with(|senders| senders.get(id).cloned())
    }

    pub fn has(self, key: &str) -> bool {
        self.items.with_untracked(|items| items.contains_key(key))
    }

    /// Whether an item is paused or removed.
    pub fn is_stopped(self, item: &Item) -> bool {
        item.is_paused() || !self.has(&item.key)
    }

    /// Adds items: new ones, or persisted ones.
    pub fn insert(self, new: Vec<Item>) {
        self.items
            .update(|items| items.extend(new.into_iter().map(|item| (item.key.clone(), item))));
        self.work.wake();
    }

    /// Removes an item and its file.
    pub fn remove(self, item: &Item) {
        self.items.update(|items| {
            items.remove(&item.key);
        });
        self.senders.update(|senders| senders.retain(|_, sender| sender != item));
        self.store.release(&item.key);
    }

    /// The first item in a state that is not paused, moved to the next state.
    pub fn take(self, at: &UploadState, next: &UploadState) -> Option<Item> {
        let item = self.items.with_untracked(|items| {
            let mut items = items.values();
            items.find(|item| item.peek_state() == *at && !item.is_paused()).cloned()
        })?;
        item.set_state(next.clone());
        Some(item)
    }

    /// Records an item's photo. Returns whether this item is the one that sends it.
    pub fn assign_photo(self, item: &Item, id: &PhotoId) -> bool {
        let before = item.photo().filter(|before| before != id);
        item.note.update(|note| note.photo = Some(id.clone()));
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
        sender.filter(|item| !matches!(item.peek_state(), UploadState::Failed(_)))
    }

    /// Moves an item to the state that work on it has led to.
    pub fn settle(self, item: &Item, state: UploadState) {
        match &state {
            UploadState::Failed(failure) => return self.fail(item, failure.clone()),
            UploadState::Done => {
                item.set_sent(item.bytes());
                item.thumbnail.set(None);
                self.store.release(&item.key);
            }
            UploadState::Duplicate => {
                item.set_sent(item.bytes());
                // The file is still needed if the item that sends the same bytes fails.
                self.store.delete_persisted(&item.key);
            }
            _ => {}
        }
        item.set_state(state);
    }

    fn fail(self, item: &Item, failure: UploadError) {
        let ends = failure.cancels_upload();
        item.note.update(|note| {
            note.failure = Some(failure.clone());
            // Read the file again on retry.
            note.sha256 = note.sha256.take().filter(|_| !ends);
        });
        item.set_state(UploadState::Failed(failure));
        self.store.save_note(item);
        match item.photo() {
            Some(id) if ends => spawn_local(self.cancel_upload(id)),
            Some(id) => self.requeue_duplicates(&id),
            None => {}
        }
    }

    /// Discards a photo that is expected or was refused. Only after its upload is cancelled: then no bytes can arrive any more.
    pub fn discard_photo(self, id: PhotoId) {
        if self.sender(&id).is_none() {
            spawn_local(async move {
                self.cancel_upload(id.clone()).await;
                self.move_to_trash(id);
            });
        }
    }

    /// Reports to the server that a photo's bytes will not come.
    async fn cancel_upload(self, id: PhotoId) {
        if let Ok(photo) = cancel_upload(id.clone()).await {
            self.library.apply_response(photo);
        }
        self.requeue_duplicates(&id);
    }

    /// After an item has failed, another with the same bytes sends them.
    fn requeue_duplicates(self, id: &PhotoId) {
        let same = |item: &Item| item.peek_state() == UploadState::Duplicate && item.photo().as_ref() == Some(id);
        for item in self.items_untracked().iter().filter(|item| same(item)) {
            item.note.update(|note| note.photo = None);
            item.set_state(UploadState::Queued);
        }
        self.work.wake();
    }

    /// Moves a refused photo to the trash.
    pub fn move_to_trash(self, id: PhotoId) {
        spawn_local(async move {
            // On an error the photo stays, and shows its state.
            if let Ok(photo) = move_to_trash(id).await {
                self.library.apply_response(photo);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{FileStore, Item, Library, Notify, PhotoId, Queue, UploadError, UploadState};
    use crate::photos::uploads::item::Note;
    use leptos::prelude::*;

    /// A queue of two items.
    fn queue() -> (Queue, Item, Item) {
        let queue = Queue::new(Library::new(), FileStore::new(Notify::default()));
        let [first, second] = ["1", "2"].map(|key| Item::new(key.to_owned(), Note::default()));
        queue.insert(vec![second.clone(), first.clone()]);
        (queue, first, second)
    }

    #[test]
    fn items_are_taken_in_order_unless_they_are_paused() {
        let owner = Owner::new();
        owner.set();
        let (queue, first, second) = queue();
        let take = || queue.take(&UploadState::Queued, &UploadState::Reading);
        first.note.update(|note| note.paused = true);
        assert_eq!([take(), take()], [Some(second.clone()), None]);
        assert_eq!(second.peek_state(), UploadState::Reading);
        first.note.update(|note| note.paused = false);
        assert_eq!(take(), Some(first.clone()));
        queue.remove(&first);
        assert!(queue.is_stopped(&first) && !queue.is_stopped(&second));
    }

    #[test]
    fn a_duplicate_sends_the_bytes_after_the_first_item_has_failed() {
        let owner = Owner::new();
        owner.set();
        let (queue, first, second) = queue();
        let id: PhotoId = "0190c9f0-5b1e-7c3a-8d2f-000000000001".parse().expect("an id");
        assert!(queue.assign_photo(&first, &id) && !queue.assign_photo(&second, &id));
        queue.settle(&second, UploadState::Duplicate);
        queue.settle(&first, UploadState::Failed(UploadError::TooLate));
        assert_eq!((second.peek_state(), second.photo()), (UploadState::Queued, None));
        assert!(queue.assign_photo(&second, &id));
        assert_eq!(queue.item_for(&id), Some(second));
    }
}
