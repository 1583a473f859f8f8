//! IndexedDB, as far as the queue needs it: each call is a transaction of its own.

use futures::channel::oneshot;
use js_sys::Array;
use leptos::prelude::window;
use std::cell::RefCell;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbObjectStore, IdbObjectStoreParameters, IdbRequest, IdbTransaction, IdbTransactionMode};

/// The share target's worker opens the same, by the same names.
const DATABASE: &str = "shoebox-uploads";
const VERSION: u32 = 1;

/// What is known of each file, as JSON.
pub const NOTES: &str = "notes";
/// Each file's bytes.
pub const FILES: &str = "files";
/// Files from the share sheet, which are nobody's until somebody says that they are to be uploaded.
pub const SHARED: &str = "shared";

thread_local! {
    static OPENED: RefCell<Option<IdbDatabase>> = const { RefCell::new(None) };
}

/// Changes some stores, all or nothing.
pub async fn change(
    stores: &[&str],
    act: impl FnOnce(&dyn Fn(&str) -> Result<IdbObjectStore, JsValue>) -> Result<(), JsValue>,
) -> Result<(), JsValue> {
    let database = open().await?;
    let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
    let transaction = database.transaction_with_str_sequence_and_mode(&names, IdbTransactionMode::Readwrite)?;
    // From its beginning: what is put in vain ends the transaction before anybody looks.
    let end = ended(&transaction);
    if let Err(error) = act(&|name| transaction.object_store(name)) {
        // Nobody listens any more when it ends.
        transaction.set_oncomplete(None);
        transaction.set_onabort(None);
        transaction.abort()?;
        return Err(error);
    }
    end.await
}

/// Asks one store something.
pub async fn ask(store: &str, question: impl FnOnce(&IdbObjectStore) -> Result<IdbRequest, JsValue>) -> Result<JsValue, JsValue> {
    let transaction = open().await?.transaction_with_str(store)?;
    let request = question(&transaction.object_store(store)?)?;
    answered(&request).await
}

async fn open() -> Result<IdbDatabase, JsValue> {
    if let Some(database) = OPENED.with_borrow(Option::clone) {
        return Ok(database);
    }
    let factory = window().indexed_db()?.ok_or(JsValue::NULL)?;
    let request = factory.open_with_u32(DATABASE, VERSION)?;
    let upgrade = {
        let request = request.clone();
        Closure::<dyn FnMut()>::new(move || {
            // A store that is not there makes every later call fail, which is where it is dealt with.
            let _ = request
                .result()
                .map(JsCast::unchecked_into)
                .map(|database| make_stores(&database));
        })
    };
    request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
    let database: IdbDatabase = answered(&request).await?.dyn_into()?;
    // A later version of the page may want to change the stores.
    let let_go = Closure::<dyn FnMut()>::new(|| {
        if let Some(database) = OPENED.take() {
            database.close();
        }
    });
    database.set_onversionchange(Some(let_go.as_ref().unchecked_ref()));
    let_go.forget();
    OPENED.set(Some(database.clone()));
    Ok(database)
}

fn make_stores(database: &IdbDatabase) -> Result<(), JsValue> {
    database.create_object_store(NOTES)?;
    database.create_object_store(FILES)?;
    let counted = IdbObjectStoreParameters::new();
    counted.set_auto_increment(true);
    database.create_object_store_with_optional_parameters(SHARED, &counted)?;
    Ok(())
}

async fn answered(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let (yes, no, answer) = two_ends();
    request.set_onsuccess(Some(yes.as_ref().unchecked_ref()));
    request.set_onerror(Some(no.as_ref().unchecked_ref()));
    match answer.await {
        Ok(true) => request.result(),
        _ => Err(JsValue::NULL),
    }
}

/// The end of a transaction; listens from now on, not from when it is awaited.
fn ended(transaction: &IdbTransaction) -> impl Future<Output = Result<(), JsValue>> + use<> {
    let (yes, no, answer) = two_ends();
    transaction.set_oncomplete(Some(yes.as_ref().unchecked_ref()));
    transaction.set_onabort(Some(no.as_ref().unchecked_ref()));
    async move {
        let ends = (yes, no);
        let end = answer.await;
        drop(ends);
        if end == Ok(true) { Ok(()) } else { Err(JsValue::NULL) }
    }
}

type End = Closure<dyn FnMut()>;

/// Two callbacks, and which of them was called.
fn two_ends() -> (End, End, oneshot::Receiver<bool>) {
    let (sender, answer) = oneshot::channel();
    let sender = std::rc::Rc::new(RefCell::new(Some(sender)));
    let end = |good: bool| {
        let sender = sender.clone();
        Closure::<dyn FnMut()>::new(move || {
            if let Some(sender) = sender.take() {
                // Nobody waits where the call failed before.
                let _ = sender.send(good);
            }
        })
    };
    (end(true), end(false), answer)
}
