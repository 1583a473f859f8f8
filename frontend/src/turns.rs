//! Who runs the page's tasks, and when.

use any_spawner::{CustomExecutor, PinnedFuture, PinnedLocalFuture};
use gloo_timers::future::TimeoutFuture;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Runs tasks as the browser comes to its microtasks. What is begun while the page wakes waits for a turn of the event loop:
/// with the waking it would be one task, too long for whoever taps meanwhile.
#[derive(Clone)]
pub struct Turns(Rc<Cell<bool>>);

impl Default for Turns {
    fn default() -> Self {
        Self(Rc::new(Cell::new(true)))
    }
}

impl Turns {
    /// The page is awake.
    pub fn take_none_any_more(&self) {
        self.0.set(false);
    }
}

impl CustomExecutor for Turns {
    fn spawn(&self, task: PinnedFuture<()>) {
        self.spawn_local(task);
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        if self.0.get() {
            // Timers of no time come in the order in which they were set.
            spawn_local(async move {
                TimeoutFuture::new(0).await;
                task.await;
            });
        } else {
            spawn_local(task);
        }
    }

    fn poll_local(&self) {}
}
