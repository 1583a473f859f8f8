//! Which windows are open: each holds a lock of its own name, which ends with it however it ends.

use futures::channel::oneshot;
use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::window;
use std::cell::RefCell;
use std::collections::HashSet;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

thread_local! {
    static NAME: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A lock that is held until this is dropped.
pub struct Lock(Option<Function>);

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            // Resolving a promise does not fail.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// The name of this window. From the first time on others see that it is open.
pub async fn this_window() -> String {
    if let Some(name) = NAME.with_borrow(Option::clone) {
        return name;
    }
    let random = window().crypto().map(|crypto| crypto.random_uuid()).unwrap_or_default();
    let name = format!("shoebox-window-{random}");
    NAME.set(Some(name.clone()));
    // Held as long as the window is open.
    std::mem::forget(take(&name).await);
    name
}

/// The windows that are open. None where the browser does not tell.
pub async fn open_windows() -> Option<HashSet<String>> {
    let locks = manager()?;
    let query: Function = Reflect::get(&locks, &"query".into()).ok()?.dyn_into().ok()?;
    let asked: Promise = query.call0(&locks).ok()?.dyn_into().ok()?;
    let told = JsFuture::from(asked).await.ok()?;
    let held: Array = Reflect::get(&told, &"held".into()).ok()?.dyn_into().ok()?;
    let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
    Some(held.iter().filter_map(name).collect())
}

/// Waits for a lock. Where the browser has none it is as if nobody else wanted it.
pub async fn take(name: &str) -> Lock {
    Lock(try_to_take(name).await)
}

async fn try_to_take(name: &str) -> Option<Function> {
    let locks = manager()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let mut release = None;
    let held = Promise::new(&mut |resolve, _| release = Some(resolve));
    let (granted, grant) = oneshot::channel();
    let on_grant = Closure::once(move || -> JsValue {
        // The one who waits is there: it holds this very function.
        let _ = granted.send(());
        held.into()
    });
    request.call2(&locks, &name.into(), on_grant.as_ref()).ok()?;
    grant.await.ok()?;
    release.map(|release: Function| release)
}

fn manager() -> Option<JsValue> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    locks.is_object().then_some(locks)
}
