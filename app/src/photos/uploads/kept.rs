//! The queue as it is kept in this browser: each account's files, until they are there.

use super::idb::{FILES, NOTES, SHARED, ask, change};
use super::item::Note;
use super::shared::Shared;
use js_sys::Array;
use model::ids::AccountId;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, IdbKeyRange};

/// Where this browser refused to keep something, or to give it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotKept;

impl From<JsValue> for NotKept {
    fn from(_: JsValue) -> Self {
        Self
    }
}

fn place(account: &AccountId, key: &str) -> JsValue {
    format!("{account}/{key}").into()
}

/// Whether nothing is kept, of nobody. What was shared does not count.
pub async fn is_empty() -> bool {
    match ask(NOTES, |store| store.count()).await {
        Ok(count) => count.as_f64() == Some(0.0),
        Err(_) => true,
    }
}

/// The notes of an account's files and their keys, in the order in which they were chosen.
pub async fn notes(account: &AccountId) -> Result<Vec<(String, Note)>, NotKept> {
    // `0` comes right after `/`.
    let range = IdbKeyRange::bound(&place(account, ""), &format!("{account}0").into())?;
    let keys: Array = ask(NOTES, |store| store.get_all_keys_with_key(&range)).await?.dyn_into()?;
    let notes: Array = ask(NOTES, |store| store.get_all_with_key(&range)).await?.dyn_into()?;
    let begin = account.as_str().len() + 1;
    let pairs = keys.iter().zip(notes.iter()).filter_map(|(key, note)| {
        let key = key.as_string()?.get(begin..)?.to_owned();
        Some((key, serde_json::from_str(&note.as_string()?).ok()?))
    });
    Ok(pairs.collect())
}

/// A file's bytes.
pub async fn file(account: &AccountId, key: &str) -> Option<File> {
    let file = ask(FILES, |store| store.get(&place(account, key))).await.ok()?;
    file.dyn_into().ok()
}

/// Keeps a file with its note. The browser copies the bytes: what happens to the file on the disk matters no more.
pub async fn keep(account: &AccountId, key: &str, note: &Note, file: &File) -> Result<(), NotKept> {
    let (place, note) = (place(account, key), written(note)?);
    let kept = change(&[NOTES, FILES], |store| {
        store(FILES)?.put_with_key(file, &place)?;
        store(NOTES)?.put_with_key(&note, &place)?;
        Ok(())
    });
    Ok(kept.await?)
}

/// Keeps what is now known of a file that is kept.
pub async fn note(account: &AccountId, key: &str, note: &Note) -> Result<(), NotKept> {
    let (place, note) = (place(account, key), written(note)?);
    let kept = change(&[NOTES], |store| store(NOTES)?.put_with_key(&note, &place).map(drop));
    Ok(kept.await?)
}

fn written(note: &Note) -> Result<JsValue, NotKept> {
    serde_json::to_string(note).map(Into::into).map_err(|_| NotKept)
}

/// Keeps a file no longer.
pub async fn forget(account: &AccountId, key: &str) -> Result<(), NotKept> {
    let place = place(account, key);
    let gone = change(&[NOTES, FILES], |store| {
        store(NOTES)?.delete(&place)?;
        store(FILES)?.delete(&place)?;
        Ok(())
    });
    Ok(gone.await?)
}

/// What came from the share sheet and is nobody's yet, the oldest first.
pub async fn shared() -> Result<Vec<Shared>, NotKept> {
    let numbers: Array = ask(SHARED, |store| store.get_all_keys()).await?.dyn_into()?;
    let mut shared = Vec::new();
    for number in numbers.iter() {
        let file = ask(SHARED, |store| store.get(&number)).await?.dyn_into::<File>();
        if let (Ok(file), Some(number)) = (file, number.as_f64()) {
            let name = file.name();
            shared.push(Shared { number, name });
        }
    }
    Ok(shared)
}

/// Moves a file that came from the share sheet to an account's files. One that is gone was moved by another window.
pub async fn accept_shared(
    account: &AccountId,
    shared: &Shared,
    begin: impl FnOnce(&File) -> (String, Note),
) -> Result<(), NotKept> {
    let number = JsValue::from_f64(shared.number);
    let Ok(file) = ask(SHARED, |store| store.get(&number)).await?.dyn_into::<File>() else {
        return Ok(());
    };
    let (key, note) = begin(&file);
    let (place, note) = (place(account, &key), written(&note)?);
    let moved = change(&[SHARED, NOTES, FILES], |store| {
        store(FILES)?.put_with_key(&file, &place)?;
        store(NOTES)?.put_with_key(&note, &place)?;
        store(SHARED)?.delete(&number).map(drop)
    });
    Ok(moved.await?)
}

/// Deletes files that came from the share sheet.
pub async fn discard_shared(shared: &[Shared]) -> Result<(), NotKept> {
    let gone = change(&[SHARED], |store| {
        let store = store(SHARED)?;
        for file in shared {
            store.delete(&JsValue::from_f64(file.number))?;
        }
        Ok(())
    });
    Ok(gone.await?)
}
