//! The files behind the items: in memory, and persisted in IndexedDB.

use super::backoff::{Backoff, Notify};
use super::idb::Database;
use super::item::{Item, Note, UploadError, UploadState};
use super::leases::{Lease, acquire, open_windows};
use super::stored::Shared;
use crate::accounts::api::me;
use crate::ui::error::RequestError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::ids::AccountId;
use model::photos::kind_of;
use std::collections::{HashMap, HashSet, VecDeque};
use web_sys::File;

/// The files of this window's items.
#[derive(Clone, Copy)]
pub struct FileStore {
    state: StoredValue<StoreState>,
    database: Database,
    lease: Lease,
    /// Ends waits for the connection.
    retry: Notify,
}

#[derive(Default)]
struct StoreState {
    in_memory: HashMap<String, File>,
    persisted: HashSet<String>,
    to_persist: VecDeque<Item>,
    persisting: bool,
    /// Keys that this window has deleted. Their notes may still be in the database for a moment.
    deleted: HashSet<String>,
    account: Option<AccountId>,
    /// How many items were made.
    count: u32,
}

impl FileStore {
    pub fn new(retry: Notify) -> Self {
        Self {
            state: StoredValue::default(),
            database: Database::default(),
            lease: Lease::default(),
            retry,
        }
    }

    /// Changes the state. None once the page's state is disposed of.
    fn change<T>(self, change: impl FnOnce(&mut StoreState) -> T) -> Option<T> {
        self.state.try_update_value(change)
    }

    /// A new item for a file, which is kept in memory.
    pub fn hold(self, file: File) -> Item {
        let (key, mut note) = self.name(&file);
        note.failure = UploadError::by_size(note.bytes);
        self.change(|state| state.in_memory.insert(key.clone(), file));
        Item::new(key, note)
    }

    /// A key and a note for a file that was just chosen.
    fn name(self, file: &File) -> (String, Note) {
        let count = self.change(|state| {
            state.count = state.count.wrapping_add(1);
            state.count
        });
        let count = count.unwrap_or_default();
        // The time only sorts keys: a wrong clock affects nothing but the order.
        let random = (js_sys::Math::random() * 1e9) as u32;
        let key = format!("{:015}-{count:06}-{random:09}", js_sys::Date::now() as u64);
        let note = Note {
            version: Note::VERSION,
            name: file.name(),
            kind: kind_of(&file.name(), &file.type_()),
            bytes: file.size() as u64,
            modified: file.last_modified(),
            ..Note::default()
        };
        (key, note)
    }

    /// The file of an item, from memory or from the database.
    pub async fn file(self, item: &Item) -> Option<File> {
        if let Some(file) = self.in_memory(item) {
            return Some(file);
        }
        self.database.file(&self.known_account()?, &item.key).await
    }

    fn in_memory(self, item: &Item) -> Option<File> {
        self.state.with_value(|state| state.in_memory.get(&item.key).cloned())
    }

    /// Whether a file survives closing the window.
    pub fn is_persisted(self, key: &str) -> bool {
        self.state.with_value(|state| state.persisted.contains(key))
    }

    /// Persists the file of an item, one after the other, while the queue `has` its key. If that fails, the file is uploaded all the
    /// same.
    pub fn persist(self, item: &Item, has: impl Fn(&str) -> bool + 'static) {
        let persisting = self.change(|state| {
            state.to_persist.push_back(item.clone());
            std::mem::replace(&mut state.persisting, true)
        });
        if persisting != Some(false) {
            return;
        }
        spawn_local(async move {
            if let Some(account) = self.account().await {
                let window = self.lease.window_name().await;
                while let Some(item) = self.change(|state| state.to_persist.pop_front()).flatten() {
                    self.persist_one(&account, &window, &item, &has).await;
                }
            }
            self.change(|state| {
                state.to_persist.clear();
                state.persisting = false;
            });
        });
    }

    async fn persist_one(self, account: &AccountId, window: &str, item: &Item, has: &impl Fn(&str) -> bool) {
        let wanted = || has(&item.key) && !matches!(item.peek_state(), UploadState::Done | UploadState::Duplicate);
        let Some(file) = self.in_memory(item) else { return };
        if !wanted() {
            return;
        }
        item.note.update(|note| note.window = window.to_owned());
        let note = item.note.get_untracked();
        if self.database.save(account, &item.key, &note, &file).await.is_err() {
            return;
        }
        self.change(|state| state.persisted.insert(item.key.clone()));
        if !wanted() {
            self.delete_persisted(&item.key);
        } else if item.note.with_untracked(|now| *now != note) {
            self.save_note(item);
        }
    }

    /// Saves the note of an item whose file is persisted.
    pub fn save_note(self, item: &Item) {
        if !self.is_persisted(&item.key) {
            return;
        }
        let Some(account) = self.known_account() else { return };
        let (key, note) = (item.key.clone(), item.note.get_untracked());
        spawn_local(async move {
            // What a note lacks is determined again from the file and the server.
            let _ = self.database.save_note(&account, &key, &note).await;
        });
    }

    /// Deletes a file from the database. It can still be uploaded from memory.
    pub fn delete_persisted(self, key: &str) {
        if self.change(|state| state.persisted.remove(key)) != Some(true) {
            return;
        }
        let Some(account) = self.known_account() else { return };
        let key = key.to_owned();
        self.change(|state| state.deleted.insert(key.clone()));
        spawn_local(async move {
            // If this fails, the next visit finds the file uploaded already and deletes it.
            let _ = self.database.delete(&account, &key).await;
        });
    }

    /// Drops a file from memory and from the database.
    pub fn release(self, key: &str) {
        self.change(|state| state.in_memory.remove(key));
        self.delete_persisted(key);
    }

    /// Whether another account is signed in than the library's.
    pub fn belongs_to_other_account(self, library: &AccountId) -> bool {
        self.known_account().is_some_and(|account| account != *library)
    }

    /// Takes over the persisted files that neither the queue `has` nor another open window uploads.
    pub async fn adopt(self, has: impl Fn(&str) -> bool) -> Vec<Item> {
        let mut adopted = Vec::new();
        if self.database.is_empty().await {
            return adopted;
        }
        let Some(account) = self.account().await else { return adopted };
        let window = self.lease.window_name().await;
        // Exclusive, or two windows would adopt the same file.
        let _alone = acquire("shoebox-adoption").await;
        let open = open_windows().await.unwrap_or_default();
        let Ok(notes) = self.database.notes(&account).await else {
            return adopted;
        };
        for (key, mut note) in notes {
            let elsewhere = note.window != window && open.contains(&note.window);
            if elsewhere || has(&key) || self.state.with_value(|state| state.deleted.contains(&key)) {
                continue;
            }
            window.clone_into(&mut note.window);
            let item = Item::new(key.clone(), note);
            self.change(|state| state.persisted.insert(key.clone()));
            // Before the lock is released.
            let note = item.note.get_untracked();
            if self.database.save_note(&account, &key, &note).await.is_ok() {
                adopted.push(item);
            }
        }
        adopted
    }

    /// Files from the share sheet. What cannot be read cannot be uploaded either.
    pub async fn shared(self) -> Vec<Shared> {
        self.database.shared().await.unwrap_or_default()
    }

    /// Moves files from the share sheet to the account's files, for [`FileStore::adopt`] to take over.
    pub async fn accept_shared(self, shared: &[Shared]) {
        let Some(account) = self.account().await else { return };
        let window = self.lease.window_name().await;
        // Another window may be offering the same files.
        let _alone = acquire("shoebox-adoption").await;
        for file in shared {
            let named = |file: &File| {
                let (key, note) = self.name(file);
                let window = window.clone();
                (key, Note { window, ..note })
            };
            // A file that could not be moved is offered again.
            let _ = self.database.accept_shared(&account, file, named).await;
        }
    }

    /// Deletes files from the share sheet. One that could not be deleted is offered again.
    pub async fn discard_shared(self, shared: &[Shared]) {
        let _ = self.database.discard_shared(shared).await;
    }

    fn known_account(self) -> Option<AccountId> {
        self.state.with_value(|state| state.account.clone())
    }

    /// The account that is signed in. Retries until there is a connection.
    async fn account(self) -> Option<AccountId> {
        let mut backoff = Backoff::default();
        loop {
            if let Some(account) = self.known_account() {
                return Some(account);
            }
            match me().await {
                Ok(me) => {
                    let id = me?.id;
                    self.change(|state| state.account = Some(id));
                }
                Err(RequestError::Refused(_)) => return None,
                Err(_) => backoff.wait(self.retry).await,
            }
        }
    }
}
