//! IndexedDB for the upload queue. Each call is a transaction of its own.
//!
//! Without a crate: a transaction of `idb` 0.6 that was aborted ends without an error, so a full disk would go unnoticed, and after a
//! failed request it calls a closure that is gone. `rexie` 0.6 is built on it, and panics where a store cannot be created.

use super::callbacks::callbacks;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbObjectStore, IdbObjectStoreParameters, IdbRequest, IdbTransaction, IdbTransactionMode};

/// `public/assets/share.js` opens the same database and has the same names.
const DATABASE: &str = "shoebox-uploads";
const VERSION: u32 = 1;

/// A note on each file, as JSON.
pub const NOTES: &str = "notes";
pub const FILES: &str = "files";
/// Files from the share sheet that nobody has confirmed yet.
pub const SHARED: &str = "shared";

/// The database, opened on first use.
#[derive(Clone, Copy, Default)]
pub struct Database(StoredValue<Option<IdbDatabase>>);

impl Database {
    /// Changes some stores in one transaction.
    pub async fn transact(
        self,
        stores: &[&str],
        act: impl FnOnce(&dyn Fn(&str) -> Result<IdbObjectStore, JsValue>) -> Result<(), JsValue>,
    ) -> Result<(), JsValue> {
        let database = self.open().await?;
        let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
        let transaction = database.transaction_with_str_sequence_and_mode(&names, IdbTransactionMode::Readwrite)?;
        // Listen first: a failed request may abort the transaction before it is awaited.
        let end = completion_of(&transaction);
        if let Err(error) = act(&|name| transaction.object_store(name)) {
            // The callbacks are dropped before the transaction ends.
            transaction.set_oncomplete(None);
            transaction.set_onabort(None);
            transaction.abort()?;
            return Err(error);
        }
        end.await
    }

    /// Reads from one store.
    pub async fn query(
        self,
        store: &str,
        request: impl FnOnce(&IdbObjectStore) -> Result<IdbRequest, JsValue>,
    ) -> Result<JsValue, JsValue> {
        let transaction = self.open().await?.transaction_with_str(store)?;
        let request = request(&transaction.object_store(store)?)?;
        result_of(&request).await
    }

    async fn open(self) -> Result<IdbDatabase, JsValue> {
        if let Some(database) = self.0.get_value() {
            return Ok(database);
        }
        let factory = window().indexed_db()?.ok_or(JsValue::NULL)?;
        let request = factory.open_with_u32(DATABASE, VERSION)?;
        let upgrade = {
            let request = request.clone();
            Closure::<dyn FnMut()>::new(move || {
                // Without its stores every later call fails, and reports that.
                let _ = request
                    .result()
                    .map(JsCast::unchecked_into)
                    .map(|database| create_stores(&database));
            })
        };
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let database: IdbDatabase = result_of(&request).await?.dyn_into()?;
        // A later version of the app, in another window, may want to upgrade the database.
        let on_version_change = {
            let database = database.clone();
            Closure::<dyn FnMut()>::new(move || {
                self.0.try_update_value(Option::take);
                database.close();
            })
        };
        database.set_onversionchange(Some(on_version_change.as_ref().unchecked_ref()));
        on_version_change.forget();
        self.0.set_value(Some(database.clone()));
        Ok(database)
    }
}

fn create_stores(database: &IdbDatabase) -> Result<(), JsValue> {
    database.create_object_store(NOTES)?;
    database.create_object_store(FILES)?;
    let counted = IdbObjectStoreParameters::new();
    counted.set_auto_increment(true);
    database.create_object_store_with_optional_parameters(SHARED, &counted)?;
    Ok(())
}

async fn result_of(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let (on_success, on_error, outcome) = callbacks();
    request.set_onsuccess(Some(on_success.as_ref().unchecked_ref()));
    request.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    match outcome.await {
        Ok(Ok(_)) => request.result(),
        _ => Err(JsValue::NULL),
    }
}

/// Awaits the end of a transaction. Listens at once, not only when polled.
fn completion_of(transaction: &IdbTransaction) -> impl Future<Output = Result<(), JsValue>> + use<> {
    let (on_success, on_error, outcome) = callbacks();
    transaction.set_oncomplete(Some(on_success.as_ref().unchecked_ref()));
    transaction.set_onabort(Some(on_error.as_ref().unchecked_ref()));
    async move {
        let ends = (on_success, on_error);
        let end = outcome.await;
        drop(ends);
        end.ok().and_then(Result::ok).map(drop).ok_or(JsValue::NULL)
    }
}
