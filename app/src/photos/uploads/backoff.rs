//! Backoff, and waits that can be ended.

use futures::channel::oneshot;
use futures::future::select;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

const FIRST_DELAY_MS: f64 = 1_000.0;
const MAX_DELAY_MS: f64 = 30_000.0;

/// Wakes tasks that wait.
#[derive(Clone, Copy, Default)]
pub struct Notify(StoredValue<Vec<oneshot::Sender<()>>>);

impl Notify {
    /// Resolves at the next [`Notify::wake`] after this call.
    pub fn woken(self) -> oneshot::Receiver<()> {
        let (sender, woken) = oneshot::channel();
        self.0.update_value(|waiting| {
            waiting.retain(|other| !other.is_canceled());
            waiting.push(sender);
        });
        woken
    }

    /// Ends all waits.
    pub fn wake(self) {
        for sender in self.0.try_update_value(std::mem::take).unwrap_or_default() {
            // The receiver is gone if the wait is over.
            let _ = sender.send(());
        }
    }

    /// Waits for some milliseconds, or until woken.
    pub async fn wait(self, milliseconds: u32) {
        select(self.woken(), TimeoutFuture::new(milliseconds)).await;
    }
}

/// Exponential backoff with jitter.
#[derive(Debug, Default)]
pub struct Backoff {
    attempts: i32,
}

impl Backoff {
    /// After a success: the next delay is the first again.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }

    /// Waits for the next delay, or until woken.
    pub async fn wait(&mut self, wake: Notify) {
        wake.wait(self.next_delay(js_sys::Math::random()) as u32).await;
    }

    /// Milliseconds, reduced by up to half at random: clients that failed together should not retry together.
    fn next_delay(&mut self, jitter: f64) -> f64 {
        let delay = (FIRST_DELAY_MS * 2f64.powi(self.attempts.min(10))).min(MAX_DELAY_MS);
        self.attempts += 1;
        delay * (1.0 - jitter / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, MAX_DELAY_MS};

    #[test]
    fn delays_grow_up_to_a_limit() {
        let mut backoff = Backoff::default();
        let delays: Vec<_> = (0..8).map(|_| backoff.next_delay(0.0)).collect();
        assert!(delays.windows(2).all(|pair| pair[1] >= pair[0]));
        assert_eq!((delays[0], delays[1], delays[7]), (1000.0, 2000.0, MAX_DELAY_MS));
        backoff.reset();
        assert_eq!(backoff.next_delay(1.0), 500.0);
    }
}
