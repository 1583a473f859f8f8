//! The uploads of this window.

use super::backoff::Notify;
use super::file_store::FileStore;
use super::item::{Item, UploadState};
use super::pipeline::Pipeline;
use super::progress::Progress;
use super::queue::Queue;
use super::reader::Reader;
use super::scheduler;
use super::stored::Shared;
use super::transport::Transport;
use crate::photos::library::Library;
use leptos::prelude::*;
use messages::uploads::UploadTotals;
use model::photos::State;
use web_sys::File;

/// Owns all state of uploads, and outlives navigation. A handle: copies share the state.
#[derive(Clone, Copy)]
pub struct UploadManager {
    /// Its items, and the photos they become.
    pub queue: Queue,
    reader: Reader,
    transport: Transport,
    /// Ends waits for the connection.
    retry: Notify,
    progress: Progress,
    /// Paths of folders that could not be read completely.
    incomplete_folders: RwSignal<Vec<String>>,
    /// Files from the share sheet that wait for a decision.
    shared: RwSignal<Vec<Shared>>,
    started: StoredValue<bool>,
    /// Whether the visitor has agreed to lose what is not uploaded.
    unload_allowed: StoredValue<bool>,
}

impl UploadManager {
    /// Empty, and not started.
    pub fn new(library: Library) -> Self {
        let retry = Notify::default();
        Self {
            queue: Queue::new(library, FileStore::new(retry)),
            reader: Reader::default(),
            transport: Transport::default(),
            retry,
            progress: Progress::default(),
            incomplete_folders: RwSignal::new(Vec::new()),
            shared: RwSignal::new(Vec::new()),
            started: StoredValue::new(false),
            unload_allowed: StoredValue::new(false),
        }
    }

    /// From the context. Without one, nothing is uploaded.
    pub fn from_context() -> Self {
        use_context().unwrap_or_else(|| Self::new(Library::from_context()))
    }

    /// Starts to work on the items. Returns whether that was not done before.
    pub fn start(self) -> bool {
        if self.started.get_value() {
            return false;
        }
        self.started.set_value(true);
        let pipeline = Pipeline {
            queue: self.queue,
            reader: self.reader,
            transport: self.transport,
            retry: self.retry,
        };
        scheduler::start(pipeline, self.progress);
        true
    }

    /// Lets the page be left without a question.
    pub fn allow_unload(self) {
        self.unload_allowed.set_value(true);
    }

    /// Whether to ask before the page is left: closing the window now would lose or interrupt something.
    pub fn asks_before_unload(self) -> bool {
        let is_busy = self.queue.items_untracked().iter().any(|item| {
            let sending = matches!(item.peek_state(), UploadState::Sending | UploadState::Retrying);
            sending || (item.peek_state().is_pending() && !self.queue.store.is_persisted(&item.key))
        });
        is_busy && !self.unload_allowed.get_value()
    }

    /// Ends waits for the connection.
    pub fn retry_now(self) {
        self.retry.wake();
    }

    /// All items, in the order in which their files were chosen. Reactive.
    pub fn items(self) -> Vec<Item> {
        self.queue.items.with(|items| items.values().cloned().collect())
    }

    /// Items without a photo of their own: not yet, or because they are duplicates.
    pub fn files_without_photo(self) -> Vec<Item> {
        let without_photo = |item: &&Item| match item.state() {
            UploadState::Done => false,
            UploadState::Duplicate => true,
            _ => item.note.with(|note| note.photo.is_none()),
        };
        let items = self.queue.items;
        items.with(|items| items.values().filter(without_photo).cloned().collect())
    }

    /// How many items are pending.
    pub fn waiting(self) -> usize {
        let pending = |item: &&Item| item.peek_state().is_pending();
        let items = self.queue.items;
        items.with_untracked(|items| items.values().filter(pending).count())
    }

    /// Progress of all items. A photo that was uploaded and then refused counts as failed.
    pub fn totals(self) -> UploadTotals {
        let mut totals = self.progress.total();
        let refused = |item: &&Item| {
            // Only finished items: notes of others change often.
            if item.state() != UploadState::Done {
                return false;
            }
            let id = item.note.with(|note| note.photo.clone());
            let entry = id.and_then(|id| self.queue.library.find(&id));
            entry.is_some_and(|entry| entry.with(|photo| matches!(photo.state, State::Refused { .. })))
        };
        let refused = self.queue.items.with(|items| items.values().filter(refused).count());
        totals.uploaded = totals.uploaded.saturating_sub(refused);
        totals.failed += refused;
        totals.incomplete_folders = self.incomplete_folders.with(Vec::len);
        totals
    }

    /// Adds files. An invalid one does not affect the others.
    pub fn add(self, chosen: Vec<File>) {
        if chosen.is_empty() {
            return;
        }
        if self.waiting() == 0 {
            self.clear(|state| matches!(state, UploadState::Done | UploadState::Duplicate));
        }
        let items: Vec<_> = chosen.into_iter().map(|file| self.queue.store.hold(file)).collect();
        for item in items.iter().filter(|item| item.peek_state().is_pending()) {
            self.queue.store.persist(item, move |key| self.queue.has(key));
        }
        self.queue.insert(items);
    }

    /// Adds the persisted files that no other open window uploads, and offers those from the share sheet.
    pub async fn look_for_files(self) {
        self.adopt().await;
        self.look_for_shared().await;
    }

    async fn adopt(self) {
        let adopted = self.queue.store.adopt(|key| self.queue.has(key)).await;
        if !adopted.is_empty() {
            self.queue.insert(adopted);
        }
    }

    async fn look_for_shared(self) {
        let found = self.queue.store.shared().await;
        if self.shared.with_untracked(|shared| *shared != found) {
            self.shared.set(found);
        }
    }

    /// Files from the share sheet that wait for a decision. Reactive.
    pub fn shared(self) -> Vec<Shared> {
        self.shared.get()
    }

    pub async fn upload_shared(self) {
        self.queue.store.accept_shared(&self.shared.get_untracked()).await;
        self.look_for_files().await;
    }

    pub async fn discard_shared(self) {
        self.queue.store.discard_shared(&self.shared.get_untracked()).await;
        self.look_for_shared().await;
    }

    /// Records whether a folder could be read completely.
    pub fn folder_read(self, path: &str, complete: bool) {
        let is_known = |folders: &Vec<String>| folders.iter().any(|other| other == path);
        match (self.incomplete_folders.with_untracked(is_known), complete) {
            (true, true) => self
                .incomplete_folders
                .update(|folders| folders.retain(|other| other != path)),
            (false, false) => self.incomplete_folders.update(|folders| folders.push(path.to_owned())),
            _ => {}
        }
    }

    /// Paths of folders that could not be read completely. Reactive.
    pub fn incomplete_folders(self) -> Vec<String> {
        self.incomplete_folders.get()
    }

    /// Removes everything that is finished, with or without success.
    pub fn close(self) {
        self.incomplete_folders.update(Vec::clear);
        self.clear(|state| !state.is_pending());
    }

    pub fn pause(self, item: &Item) {
        item.note.update(|note| note.paused = true);
        self.transport.abort(&item.key);
        self.retry_now();
        self.queue.store.save_note(item);
        self.progress.track(self.queue);
    }

    pub fn resume(self, item: &Item) {
        item.note.update(|note| note.paused = false);
        self.queue.store.save_note(item);
        self.queue.work.wake();
    }

    pub fn retry(self, item: &Item) {
        item.note.update(|note| note.failure = None);
        item.set_sent(0);
        item.set_state(UploadState::Queued);
        self.resume(item);
    }

    /// Removes an item, and discards its photo unless that is uploaded.
    pub fn cancel(self, item: &Item) {
        let was_pending = item.peek_state().is_pending();
        self.dismiss(item);
        self.transport.abort(&item.key);
        self.retry_now();
        if let (Some(id), true) = (item.photo(), was_pending) {
            self.queue.discard_photo(id);
        }
    }

    /// Removes an item from the list.
    pub fn dismiss(self, item: &Item) {
        self.queue.remove(item);
        self.progress.track(self.queue);
    }

    /// Removes an item and its photo, before another file replaces it.
    pub fn replace(self, item: &Item) {
        self.dismiss(item);
        if let Some(id) = item.photo() {
            self.queue.discard_photo(id);
        }
    }

    /// Removes the items at the matching stages.
    fn clear(self, matches: impl Fn(&UploadState) -> bool) {
        for item in self.queue.items_untracked().iter().filter(|item| matches(&item.peek_state())) {
            self.dismiss(item);
        }
    }
}
