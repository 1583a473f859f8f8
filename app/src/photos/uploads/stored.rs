//! The persisted upload queue: each account's files, until they are uploaded.

use super::idb::{Database, FILES, NOTES, SHARED};
use super::item::Note;
use js_sys::Array;
use model::ids::AccountId;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, IdbKeyRange};

/// A file from the share sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    /// Its key in the database.
    pub number: f64,
    pub name: String,
}

fn database_key(account: &AccountId, key: &str) -> JsValue {
    format!("{account}/{key}").into()
}

fn serialize(note: &Note) -> Result<JsValue, JsValue> {
    serde_json::to_string(note).map(Into::into).map_err(|_| JsValue::NULL)
}

impl Database {
    /// Whether no account has persisted files. Files from the share sheet do not count.
    pub async fn is_empty(self) -> bool {
        match self.query(NOTES, |store| store.count()).await {
            Ok(count) => count.as_f64() == Some(0.0),
            Err(_) => true,
        }
    }

    /// The keys and notes of an account's files, in the order in which they were chosen.
    pub async fn notes(self, account: &AccountId) -> Result<Vec<(String, Note)>, JsValue> {
        // All keys that begin with `{account}/`: `0` is the character after `/`.
        let range = IdbKeyRange::bound(&database_key(account, ""), &format!("{account}0").into())?;
        let keys: Array = self
            .query(NOTES, |store| store.get_all_keys_with_key(&range))
            .await?
            .dyn_into()?;
        let notes: Array = self.query(NOTES, |store| store.get_all_with_key(&range)).await?.dyn_into()?;
        let begin = account.as_str().len() + 1;
        let pairs = keys.iter().zip(notes.iter()).filter_map(|(key, note)| {
            let key = key.as_string()?.get(begin..)?.to_owned();
            Some((key, serde_json::from_str(&note.as_string()?).ok()?))
        });
        Ok(pairs.collect())
    }

    pub async fn file(self, account: &AccountId, key: &str) -> Option<File> {
        let file = self.query(FILES, |store| store.get(&database_key(account, key))).await.ok()?;
        file.dyn_into().ok()
    }

    /// Saves a file with its note. The browser copies the bytes, so that the file on disk may change.
    pub async fn save(self, account: &AccountId, key: &str, note: &Note, file: &File) -> Result<(), JsValue> {
        let (key, note) = (database_key(account, key), serialize(note)?);
        self.transact(&[NOTES, FILES], |store| {
            store(FILES)?.put_with_key(file, &key)?;
            store(NOTES)?.put_with_key(&note, &key)?;
            Ok(())
        })
        .await
    }

    /// Replaces the note of a file that is saved.
    pub async fn save_note(self, account: &AccountId, key: &str, note: &Note) -> Result<(), JsValue> {
        let (key, note) = (database_key(account, key), serialize(note)?);
        self.transact(&[NOTES], |store| store(NOTES)?.put_with_key(&note, &key).map(drop))
            .await
    }

    pub async fn delete(self, account: &AccountId, key: &str) -> Result<(), JsValue> {
        let key = database_key(account, key);
        self.transact(&[NOTES, FILES], |store| {
            store(NOTES)?.delete(&key)?;
            store(FILES)?.delete(&key)?;
            Ok(())
        })
        .await
    }

    /// Files from the share sheet, oldest first.
    pub async fn shared(self) -> Result<Vec<Shared>, JsValue> {
        let numbers: Array = self.query(SHARED, |store| store.get_all_keys()).await?.dyn_into()?;
        let mut shared = Vec::new();
        for number in numbers.iter() {
            let file = self.query(SHARED, |store| store.get(&number)).await?.dyn_into::<File>();
            if let (Ok(file), Some(number)) = (file, number.as_f64()) {
                let name = file.name();
                shared.push(Shared { number, name });
            }
        }
        Ok(shared)
    }

    /// Moves a file from the share sheet to an account's files. Does nothing if another window has moved it.
    pub async fn accept_shared(
        self,
        account: &AccountId,
        shared: &Shared,
        begin: impl FnOnce(&File) -> (String, Note),
    ) -> Result<(), JsValue> {
        let number = JsValue::from_f64(shared.number);
        let Ok(file) = self.query(SHARED, |store| store.get(&number)).await?.dyn_into::<File>() else {
            return Ok(());
        };
        let (key, note) = begin(&file);
        let (key, note) = (database_key(account, &key), serialize(&note)?);
        self.transact(&[SHARED, NOTES, FILES], |store| {
            store(FILES)?.put_with_key(&file, &key)?;
            store(NOTES)?.put_with_key(&note, &key)?;
            store(SHARED)?.delete(&number).map(drop)
        })
        .await
    }

    /// Deletes files from the share sheet.
    pub async fn discard_shared(self, shared: &[Shared]) -> Result<(), JsValue> {
        self.transact(&[SHARED], |store| {
            let store = store(SHARED)?;
            for file in shared {
                store.delete(&JsValue::from_f64(file.number))?;
            }
            Ok(())
        })
        .await
    }
}
