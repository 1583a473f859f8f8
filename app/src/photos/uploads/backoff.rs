//! Concurrency limit, backoff and speed.

use futures::channel::oneshot;
use futures::future::select;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::thread::LocalKey;

const FIRST_DELAY_MS: f64 = 1_000.0;
const MAX_DELAY_MS: f64 = 30_000.0;

/// A measurement this old counts half, in milliseconds.
const HALF_LIFE_MS: f64 = 4_000.0;

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

/// Runs `act` on what `next` returns, up to `max` at a time. `running` counts them.
pub fn run_concurrently<T: 'static, Done: Future<Output = ()> + 'static>(
    running: &'static LocalKey<Cell<usize>>,
    max: usize,
    next: impl Fn() -> Option<T> + Copy + 'static,
    act: impl Fn(T) -> Done + Copy + 'static,
) {
    while running.get() < max {
        let Some(first) = next() else { return };
        running.set(running.get() + 1);
        spawn_local(async move {
            let mut now = Some(first);
            while let Some(one) = now {
                act(one).await;
                now = next();
            }
            running.set(running.get() - 1);
        });
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

/// Measures upload speed.
#[derive(Debug, Default)]
pub struct Speed {
    last: Option<(f64, u64)>,
    per_second: Option<f64>,
}

impl Speed {
    /// Takes the bytes sent so far, and the time in milliseconds. Returns bytes per second, once there are two measurements.
    pub fn measure(&mut self, at: f64, sent: u64) -> Option<u64> {
        if let Some((before, had)) = self.last
            && at > before
        {
            let passed = at - before;
            let now = sent.saturating_sub(had) as f64 * 1000.0 / passed;
            let share = 0.5f64.powf(passed / HALF_LIFE_MS);
            self.per_second = Some(self.per_second.map_or(now, |then| then * share + now * (1.0 - share)));
        }
        self.last = Some((at, sent));
        self.per_second.map(|speed| speed as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, MAX_DELAY_MS, Speed};

    #[test]
    fn delays_grow_up_to_a_limit() {
        let mut backoff = Backoff::default();
        let delays: Vec<_> = (0..8).map(|_| backoff.next_delay(0.0)).collect();
        assert!(delays.windows(2).all(|pair| pair[1] >= pair[0]));
        assert_eq!((delays[0], delays[1], delays[7]), (1000.0, 2000.0, MAX_DELAY_MS));
        backoff.reset();
        assert_eq!(backoff.next_delay(1.0), 500.0);
    }

    #[test]
    fn measures_speed_over_retries() {
        let mut speed = Speed::default();
        assert_eq!(speed.measure(0.0, 0), None);
        assert_eq!(speed.measure(1000.0, 5000), Some(5000));
        let steady = speed.measure(2000.0, 10_000).expect("a speed");
        assert!((4990..=5010).contains(&steady));
        let slower = speed.measure(3000.0, 4000).expect("a speed");
        assert!(slower < 5000 && slower > 0);
    }
}
