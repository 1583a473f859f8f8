//! The executor of the page's tasks.

use any_spawner::{CustomExecutor, PinnedFuture, PinnedLocalFuture};
use gloo_timers::future::TimeoutFuture;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Runs tasks as microtasks. Those spawned during hydration are deferred: together with hydration they would be one long task,
/// which delays input.
#[derive(Clone)]
pub struct DeferringExecutor(
    /// Deferred tasks; None after hydration.
    Rc<RefCell<Option<Vec<PinnedLocalFuture<()>>>>>,
);

impl Default for DeferringExecutor {
    fn default() -> Self {
        Self(Rc::new(RefCell::new(Some(Vec::new()))))
    }
}

impl DeferringExecutor {
    /// Runs deferred tasks in the next task of the event loop. All at once: between two, the browser might paint some lines in
    /// their old and some in their new positions.
    pub fn run_deferred(self) {
        spawn_local(async move {
            TimeoutFuture::new(0).await;
            for task in self.0.take().into_iter().flatten() {
                spawn_local(task);
            }
        });
    }
}

impl CustomExecutor for DeferringExecutor {
    fn spawn(&self, task: PinnedFuture<()>) {
        self.spawn_local(task);
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        match &mut *self.0.borrow_mut() {
            Some(deferred) => deferred.push(task),
            None => spawn_local(task),
        }
    }

    fn poll_local(&self) {}
}
