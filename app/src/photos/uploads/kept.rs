//! The queue as it is kept in this browser: each account's files, until they are there.

use super::idb::{FILES, NOTES, SHARED, ask, change};
use super::item::Note;
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

/// Whether nothing is kept, of nobody.
pub async fn is_empty() -> bool {
    let empty = async |store| match ask(store, |store| store.count()).await {
        Ok(count) => count.as_f64() == Some(0.0),
        Err(_) => true,
    };
    empty(NOTES).await && empty(SHARED).await
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

/// Moves what came from the share sheet to an account's files.
pub async fn take_shared(account: &AccountId, begin: impl Fn(&File) -> (String, Note)) -> Result<(), NotKept> {
    let keys: Array = ask(SHARED, |store| store.get_all_keys()).await?.dyn_into()?;
    for shared in keys.iter() {
        let Ok(file) = ask(SHARED, |store| store.get(&shared)).await?.dyn_into::<File>() else {
            continue;
        };
        let (key, note) = begin(&file);
        let (place, note) = (place(account, &key), written(&note)?);
        let moved = change(&[SHARED, NOTES, FILES], |store| {
            store(FILES)?.put_with_key(&file, &place)?;
            store(NOTES)?.put_with_key(&note, &place)?;
            store(SHARED)?.delete(&shared).map(drop)
        });
        moved.await?;
    }
    Ok(())
}
