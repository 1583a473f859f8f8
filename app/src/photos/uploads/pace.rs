//! How many things to do at once, how long to wait before the next try, how fast bytes travel, and how long they will.

use futures::channel::oneshot;
use futures::future::select;
use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;
use std::cell::{Cell, RefCell};
use std::thread::LocalKey;

const FIRST_PAUSE_MS: f64 = 1_000.0;
const LONGEST_PAUSE_MS: f64 = 30_000.0;

/// A speed that was measured so long ago counts half, in milliseconds.
const HALF_LIFE_MS: f64 = 4_000.0;

thread_local! {
    static RESTING: RefCell<Vec<oneshot::Sender<()>>> = const { RefCell::new(Vec::new()) };
}

/// Does one thing after the other, `at_once` of them side by side: `at_work` counts those, `next` says what is to be done.
pub fn work<T: 'static, Done: Future<Output = ()> + 'static>(
    at_work: &'static LocalKey<Cell<usize>>,
    at_once: usize,
    next: impl Fn() -> Option<T> + Copy + 'static,
    act: impl Fn(T) -> Done + Copy + 'static,
) {
    while at_work.get() < at_once {
        let Some(first) = next() else { return };
        at_work.set(at_work.get() + 1);
        spawn_local(async move {
            let mut now = Some(first);
            while let Some(one) = now {
                act(one).await;
                now = next();
            }
            at_work.set(at_work.get() - 1);
        });
    }
}

/// Waits longer after each try that failed.
#[derive(Debug, Default)]
pub struct Patience {
    tries: i32,
}

impl Patience {
    /// Something went well: the next failure is the first again.
    pub fn restore(&mut self) {
        self.tries = 0;
    }

    /// Waits, or until somebody knows that waiting is over.
    pub async fn rest(&mut self) {
        wait(self.pause(js_sys::Math::random()) as u32).await;
    }

    /// Milliseconds; by chance up to half of them less, so that what broke off together does not come back together.
    fn pause(&mut self, chance: f64) -> f64 {
        let pause = (FIRST_PAUSE_MS * 2f64.powi(self.tries.min(10))).min(LONGEST_PAUSE_MS);
        self.tries += 1;
        pause * (1.0 - chance / 2.0)
    }
}

/// Waits for so many seconds, or until somebody knows that waiting is over.
pub async fn rest_for(seconds: u32) {
    wait(seconds.saturating_mul(1_000)).await;
}

/// Waits for so many milliseconds, or until it is nudged.
async fn wait(pause: u32) {
    let (sender, nudged) = oneshot::channel();
    RESTING.with_borrow_mut(|resting| {
        resting.retain(|other| !other.is_canceled());
        resting.push(sender);
    });
    select(nudged, TimeoutFuture::new(pause)).await;
}

/// Whoever waits goes on at once.
pub fn nudge() {
    for sender in RESTING.take() {
        // Its wait was over anyway.
        let _ = sender.send(());
    }
}

/// Measures how fast bytes travel.
#[derive(Debug, Default)]
pub struct Speed {
    last: Option<(f64, u64)>,
    per_second: Option<f64>,
}

impl Speed {
    /// So many bytes are there at a moment of [`clock`]. Answers bytes a second, once it can tell.
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
    use super::{LONGEST_PAUSE_MS, Patience, Speed};

    #[test]
    fn waits_longer_each_time_up_to_a_limit() {
        let mut patience = Patience::default();
        let pauses: Vec<_> = (0..8).map(|_| patience.pause(0.0)).collect();
        assert!(pauses.windows(2).all(|pair| pair[1] >= pair[0]));
        assert_eq!((pauses[0], pauses[1], pauses[7]), (1000.0, 2000.0, LONGEST_PAUSE_MS));
        patience.restore();
        assert_eq!(patience.pause(1.0), 500.0);
    }

    #[test]
    fn measures_what_travels_and_not_what_is_sent_again() {
        let mut speed = Speed::default();
        assert_eq!(speed.measure(0.0, 0), None);
        assert_eq!(speed.measure(1000.0, 5000), Some(5000));
        let steady = speed.measure(2000.0, 10_000).expect("a speed");
        assert!((4990..=5010).contains(&steady));
        let slower = speed.measure(3000.0, 4000).expect("a speed");
        assert!(slower < 5000 && slower > 0);
    }
}
