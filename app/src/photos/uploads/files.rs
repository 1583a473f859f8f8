//! The files behind the items: at hand in this window, and kept in this browser.

use super::item::{Item, Note, Stage};
use super::kept;
use super::locks::{open_windows, take, this_window};
use super::pace::Patience;
use super::queue::Uploads;
use super::shared::Shared;
use crate::accounts::api::me;
use crate::ui::fault::Fault;
use leptos::task::spawn_local;
use model::ids::AccountId;
use model::photos::kind_of;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use web_sys::File;

thread_local! {
    static HELD: RefCell<HashMap<String, File>> = RefCell::new(HashMap::new());
    static KEPT: RefCell<HashSet<String>> = RefCell::new(HashSet::new());
    static TO_KEEP: RefCell<VecDeque<Item>> = const { RefCell::new(VecDeque::new()) };
    /// Those that this window let go: their notes may still be there for a moment.
    static GONE: RefCell<HashSet<String>> = RefCell::new(HashSet::new());
    static KEEPING: Cell<bool> = const { Cell::new(false) };
    static ACCOUNT: RefCell<Option<AccountId>> = const { RefCell::new(None) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// A key and a note for a file that was just chosen.
pub fn begin(file: &File) -> (String, Note) {
    let count = LAST.get().wrapping_add(1);
    LAST.set(count);
    // The time of day only sorts: a clock that is wrong mixes up nothing but the order.
    let chance = (js_sys::Math::random() * 1e9) as u32;
    let key = format!("{:015}-{count:06}-{chance:09}", js_sys::Date::now() as u64);
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

/// Holds the file of an item.
pub fn hold(item: &Item, file: File) {
    HELD.with_borrow_mut(|held| held.insert(item.key.clone(), file));
}

/// The file of an item: the one that was chosen, or what is kept of it.
pub async fn file(item: &Item) -> Option<File> {
    if let Some(file) = HELD.with_borrow(|held| held.get(&item.key).cloned()) {
        return Some(file);
    }
    let account = ACCOUNT.with_borrow(Option::clone)?;
    kept::file(&account, &item.key).await
}

/// Whether a file would still be there after the window closed.
pub fn is_kept(key: &str) -> bool {
    KEPT.with_borrow(|kept| kept.contains(key))
}

/// Keeps the file of an item, after those before it. Where the browser refuses, the file is sent all the same.
pub fn keep(item: &Item, uploads: Uploads) {
    TO_KEEP.with_borrow_mut(|waiting| waiting.push_back(item.clone()));
    if KEEPING.replace(true) {
        return;
    }
    spawn_local(async move {
        if let Some(account) = account().await {
            let window = this_window().await;
            while let Some(item) = TO_KEEP.with_borrow_mut(VecDeque::pop_front) {
                keep_one(&account, &window, &item, uploads).await;
            }
        }
        TO_KEEP.take();
        KEEPING.set(false);
    });
}

async fn keep_one(account: &AccountId, window: &str, item: &Item, uploads: Uploads) {
    let wanted = || uploads.has(&item.key) && !matches!(item.peek(), Stage::Done | Stage::Already);
    let Some(file) = HELD.with_borrow(|held| held.get(&item.key).cloned()) else {
        return;
    };
    if !wanted() {
        return;
    }
    item.write(|note| note.window = window.to_owned());
    let note = item.look(Note::clone);
    if kept::keep(account, &item.key, &note, &file).await.is_err() {
        return;
    }
    KEPT.with_borrow_mut(|kept| kept.insert(item.key.clone()));
    if !wanted() {
        forget(&item.key);
    } else if item.look(|now| *now != note) {
        save(item);
    }
}

/// Keeps what is now known of an item.
pub fn save(item: &Item) {
    if !is_kept(&item.key) {
        return;
    }
    let Some(account) = ACCOUNT.with_borrow(Option::clone) else {
        return;
    };
    let (key, note) = (item.key.clone(), item.look(Note::clone));
    spawn_local(async move {
        // What is not noted is found out again: from the file, and from the server.
        let _ = kept::note(&account, &key, &note).await;
    });
}

/// Keeps a file no longer. As long as one reads about it, it can still be sent.
pub fn forget(key: &str) {
    if !KEPT.with_borrow_mut(|kept| kept.remove(key)) {
        return;
    }
    let Some(account) = ACCOUNT.with_borrow(Option::clone) else {
        return;
    };
    let key = key.to_owned();
    GONE.with_borrow_mut(|gone| gone.insert(key.clone()));
    spawn_local(async move {
        // What stays is found to be there already when the page is opened next, and is forgotten then.
        let _ = kept::forget(&account, &key).await;
    });
}

/// Lets a file go for good.
pub fn let_go(key: &str) {
    HELD.with_borrow_mut(|held| held.remove(key));
    forget(key);
}

/// Whether the files belong to another account than this library's.
pub fn are_of_another(library: &AccountId) -> bool {
    ACCOUNT.with_borrow(|account| account.as_ref().is_some_and(|account| account != library))
}

/// Takes over what is kept and what no open window sends.
pub async fn adopt(uploads: Uploads) {
    if kept::is_empty().await {
        return;
    }
    let Some(account) = account().await else { return };
    let window = this_window().await;
    // One window at a time, or two would take over the same.
    let _alone = take("shoebox-adoption").await;
    let open = open_windows().await.unwrap_or_default();
    let Ok(notes) = kept::notes(&account).await else { return };
    let mut adopted = Vec::new();
    for (key, mut note) in notes {
        let elsewhere = note.window != window && open.contains(&note.window);
        if elsewhere || uploads.has(&key) || GONE.with_borrow(|gone| gone.contains(&key)) {
            continue;
        }
        window.clone_into(&mut note.window);
        let item = Item::new(key.clone(), note);
        KEPT.with_borrow_mut(|kept| kept.insert(key.clone()));
        // Before others may look.
        if kept::note(&account, &key, &item.look(Note::clone)).await.is_ok() {
            adopted.push(item);
        }
    }
    if !adopted.is_empty() {
        uploads.take(adopted);
    }
}

/// Makes files from the share sheet the account's, for [`adopt`] to take over.
pub async fn accept_shared(shared: &[Shared]) {
    let Some(account) = account().await else { return };
    let window = this_window().await;
    // Another window may offer the same files.
    let _alone = take("shoebox-adoption").await;
    for file in shared {
        let named = |file: &File| {
            let (key, note) = begin(file);
            let window = window.clone();
            (key, Note { window, ..note })
        };
        // What could not be moved is offered again.
        let _ = kept::accept_shared(&account, file, named).await;
    }
}

/// Whose files they are. Waits for a connection.
async fn account() -> Option<AccountId> {
    let mut patience = Patience::default();
    loop {
        if let Some(account) = ACCOUNT.with_borrow(Option::clone) {
            return Some(account);
        }
        match me().await {
            Ok(me) => ACCOUNT.set(Some(me?.id)),
            Err(Fault::Refused(_)) => return None,
            Err(_) => patience.rest().await,
        }
    }
}
