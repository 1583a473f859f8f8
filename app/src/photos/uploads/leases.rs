//! Web Locks: each window holds a lock of its own name, so that others see whether it is open, even after a crash.

use futures::channel::oneshot;
use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::*;
use std::collections::HashSet;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A lock, held until dropped.
pub struct Lock(Option<Function>);

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            // Resolving a promise does not fail.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// This window's lease: a lock by its name, which ends with the window.
#[derive(Clone, Copy, Default)]
pub struct Lease(StoredValue<Option<String>>);

impl Lease {
    /// The name of this window. Takes the window's lock on first use.
    pub async fn window_name(self) -> String {
        if let Some(name) = self.0.get_value() {
            return name;
        }
        let random = window().crypto().map(|crypto| crypto.random_uuid()).unwrap_or_default();
        let name = format!("shoebox-window-{random}");
        // Held until the window closes.
        std::mem::forget(acquire(&name).await);
        // A concurrent call may have been first: its name counts, and this lock is one more of this window.
        self.0
            .try_update_value(|held| held.get_or_insert(name).clone())
            .unwrap_or_default()
    }
}

/// The names of the open windows. None if the browser does not support Web Locks.
pub async fn open_windows() -> Option<HashSet<String>> {
    let locks = lock_manager()?;
    let query: Function = Reflect::get(&locks, &"query".into()).ok()?.dyn_into().ok()?;
    let promise: Promise = query.call0(&locks).ok()?.dyn_into().ok()?;
    let response = JsFuture::from(promise).await.ok()?;
    let held: Array = Reflect::get(&response, &"held".into()).ok()?.dyn_into().ok()?;
    let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
    Some(held.iter().filter_map(name).collect())
}

/// Waits for a lock. Without Web Locks it succeeds at once.
pub async fn acquire(name: &str) -> Lock {
    Lock(request_lock(name).await)
}

async fn request_lock(name: &str) -> Option<Function> {
    let locks = lock_manager()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let mut release = None;
    let held = Promise::new(&mut |resolve, _| release = Some(resolve));
    let (sender, granted) = oneshot::channel();
    let on_grant = Closure::once(move || -> JsValue {
        // The receiver exists: its future owns this closure.
        let _ = sender.send(());
        held.into()
    });
    request.call2(&locks, &name.into(), on_grant.as_ref()).ok()?;
    granted.await.ok()?;
    release.map(|release: Function| release)
}

fn lock_manager() -> Option<JsValue> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    locks.is_object().then_some(locks)
}
