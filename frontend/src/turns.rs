//! Who runs the page's tasks, and when.

use any_spawner::{CustomExecutor, PinnedFuture, PinnedLocalFuture};
use gloo_timers::future::TimeoutFuture;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Runs tasks as the browser comes to its microtasks. What is begun while the page wakes waits for a turn of the event loop:
/// with the waking it would be one task, too long for whoever taps meanwhile.
#[derive(Clone)]
pub struct Turns(
    /// What waits, until nothing does any more.
    Rc<RefCell<Option<Vec<PinnedLocalFuture<()>>>>>,
);

impl Default for Turns {
    fn default() -> Self {
        Self(Rc::new(RefCell::new(Some(Vec::new()))))
    }
}

impl Turns {
    /// The page is awake: what waits comes in the next turn. All in one, as a browser paints between two of them, and
    /// would show lines of which some are in their places and some are not.
    pub fn take_the_next(self) {
        spawn_local(async move {
            TimeoutFuture::new(0).await;
            for task in self.0.take().into_iter().flatten() {
                spawn_local(task);
            }
        });
    }
}

impl CustomExecutor for Turns {
    fn spawn(&self, task: PinnedFuture<()>) {
        self.spawn_local(task);
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        match &mut *self.0.borrow_mut() {
            Some(waiting) => waiting.push(task),
            None => spawn_local(task),
        }
    }

    fn poll_local(&self) {}
}
