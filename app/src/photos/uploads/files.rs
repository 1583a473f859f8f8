//! The files behind the items: in memory, and persisted in IndexedDB.

use super::backoff::Backoff;
use super::item::{Item, Note, Stage};
use super::locks::{acquire, open_windows, this_window};
use super::stored::{self, Shared};
use crate::accounts::api::me;
use crate::ui::error::RequestError;
use leptos::task::spawn_local;
use model::ids::AccountId;
use model::photos::kind_of;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use web_sys::File;

thread_local! {
    static IN_MEMORY: RefCell<HashMap<String, File>> = RefCell::new(HashMap::new());
    static PERSISTED: RefCell<HashSet<String>> = RefCell::new(HashSet::new());
    static TO_PERSIST: RefCell<VecDeque<Item>> = const { RefCell::new(VecDeque::new()) };
    /// Keys that this window has deleted. Their notes may still be in the database for a moment.
    static DELETED: RefCell<HashSet<String>> = RefCell::new(HashSet::new());
    static PERSISTING: Cell<bool> = const { Cell::new(false) };
    static ACCOUNT: RefCell<Option<AccountId>> = const { RefCell::new(None) };
    static COUNTER: Cell<u32> = const { Cell::new(0) };
}

/// A key and a note for a file that was just chosen.
pub fn new_item(file: &File) -> (String, Note) {
    let count = COUNTER.get().wrapping_add(1);
    COUNTER.set(count);
    // The time only sorts keys: a wrong clock affects nothing but the order.
    let random = (js_sys::Math::random() * 1e9) as u32;
    let key = format!("{:015}-{count:06}-{random:09}", js_sys::Date::now() as u64);
    let note = Note {
        version: Note::VERSION,
        name: file.name(),
        kind: kind_of(&file.name(), &file.type_()),
        bytes: file.size() as u64,
        modified: file.last_modified(),
        window: String::new(),
        sha256: None,
        previewed: false,
        unseen: false,
        photo: None,
        paused: false,
        failure: None,
    };
    (key, note)
}

/// Keeps the file of an item in memory.
pub fn hold(item: &Item, file: File) {
    IN_MEMORY.with_borrow_mut(|files| files.insert(item.key.clone(), file));
}

/// The file of an item, from memory or from the database.
pub async fn file(item: &Item) -> Option<File> {
    if let Some(file) = IN_MEMORY.with_borrow(|files| files.get(&item.key).cloned()) {
        return Some(file);
    }
    let account = ACCOUNT.with_borrow(Option::clone)?;
    stored::file(&account, &item.key).await
}

/// Whether a file survives closing the window.
pub fn is_persisted(key: &str) -> bool {
    PERSISTED.with_borrow(|keys| keys.contains(key))
}

/// Persists the file of an item, one after the other, while the queue `has` its key. If that fails, the file is uploaded all the same.
pub fn persist(item: &Item, has: impl Fn(&str) -> bool + 'static) {
    TO_PERSIST.with_borrow_mut(|items| items.push_back(item.clone()));
    if PERSISTING.replace(true) {
        return;
    }
    spawn_local(async move {
        if let Some(account) = account().await {
            let window = this_window().await;
            while let Some(item) = TO_PERSIST.with_borrow_mut(VecDeque::pop_front) {
                persist_one(&account, &window, &item, &has).await;
            }
        }
        TO_PERSIST.take();
        PERSISTING.set(false);
    });
}

async fn persist_one(account: &AccountId, window: &str, item: &Item, has: &impl Fn(&str) -> bool) {
    let wanted = || has(&item.key) && !matches!(item.peek_stage(), Stage::Done | Stage::Duplicate);
    let Some(file) = IN_MEMORY.with_borrow(|files| files.get(&item.key).cloned()) else {
        return;
    };
    if !wanted() {
        return;
    }
    item.update_note(|note| note.window = window.to_owned());
    let note = item.peek_note(Note::clone);
    if stored::save(account, &item.key, &note, &file).await.is_err() {
        return;
    }
    PERSISTED.with_borrow_mut(|keys| keys.insert(item.key.clone()));
    if !wanted() {
        delete_persisted(&item.key);
    } else if item.peek_note(|now| *now != note) {
        save_note(item);
    }
}

/// Saves the note of an item whose file is persisted.
pub fn save_note(item: &Item) {
    if !is_persisted(&item.key) {
        return;
    }
    let Some(account) = ACCOUNT.with_borrow(Option::clone) else {
        return;
    };
    let (key, note) = (item.key.clone(), item.peek_note(Note::clone));
    spawn_local(async move {
        // What a note lacks is determined again from the file and the server.
        let _ = stored::save_note(&account, &key, &note).await;
    });
}

/// Deletes a file from the database. It can still be uploaded from memory.
pub fn delete_persisted(key: &str) {
    if !PERSISTED.with_borrow_mut(|keys| keys.remove(key)) {
        return;
    }
    let Some(account) = ACCOUNT.with_borrow(Option::clone) else {
        return;
    };
    let key = key.to_owned();
    DELETED.with_borrow_mut(|keys| keys.insert(key.clone()));
    spawn_local(async move {
        // If this fails, the next visit finds the file uploaded already and deletes it.
        let _ = stored::delete(&account, &key).await;
    });
}

/// Drops a file from memory and from the database.
pub fn release(key: &str) {
    IN_MEMORY.with_borrow_mut(|files| files.remove(key));
    delete_persisted(key);
}

/// Whether another account is signed in than the library's.
pub fn belong_to_other_account(library: &AccountId) -> bool {
    ACCOUNT.with_borrow(|account| account.as_ref().is_some_and(|account| account != library))
}

/// Takes over the persisted files that neither the queue `has` nor another open window uploads.
pub async fn adopt(has: impl Fn(&str) -> bool) -> Vec<Item> {
    let mut adopted = Vec::new();
    if stored::is_empty().await {
        return adopted;
    }
    let Some(account) = account().await else { return adopted };
    let window = this_window().await;
    // Exclusive, or two windows would adopt the same file.
    let _alone = acquire("shoebox-adoption").await;
    let open = open_windows().await.unwrap_or_default();
    let Ok(notes) = stored::notes(&account).await else {
        return adopted;
    };
    for (key, mut note) in notes {
        let elsewhere = note.window != window && open.contains(&note.window);
        if elsewhere || has(&key) || DELETED.with_borrow(|keys| keys.contains(&key)) {
            continue;
        }
        window.clone_into(&mut note.window);
        let item = Item::new(key.clone(), note);
        PERSISTED.with_borrow_mut(|keys| keys.insert(key.clone()));
        // Before the lock is released.
        if stored::save_note(&account, &key, &item.peek_note(Note::clone)).await.is_ok() {
            adopted.push(item);
        }
    }
    adopted
}

/// Moves files from the share sheet to the account's files, for [`adopt`] to take over.
pub async fn accept_shared(shared: &[Shared]) {
    let Some(account) = account().await else { return };
    let window = this_window().await;
    // Another window may be offering the same files.
    let _alone = acquire("shoebox-adoption").await;
    for file in shared {
        let named = |file: &File| {
            let (key, note) = new_item(file);
            let window = window.clone();
            (key, Note { window, ..note })
        };
        // A file that could not be moved is offered again.
        let _ = stored::accept_shared(&account, file, named).await;
    }
}

/// The account that is signed in. Retries until there is a connection.
async fn account() -> Option<AccountId> {
    let mut backoff = Backoff::default();
    loop {
        if let Some(account) = ACCOUNT.with_borrow(Option::clone) {
            return Some(account);
        }
        match me().await {
            Ok(me) => ACCOUNT.set(Some(me?.id)),
            Err(RequestError::Refused(_)) => return None,
            Err(_) => backoff.wait().await,
        }
    }
}
