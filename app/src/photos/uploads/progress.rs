//! Progress of all uploads.

use super::item::{Item, UploadState};
use super::queue::Queue;
use crate::ui::clock;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use messages::uploads::UploadTotals;

/// How often progress is updated.
const EVERY_MS: u32 = 400;

/// A measurement this old counts half, in milliseconds.
const HALF_LIFE_MS: f64 = 4_000.0;

/// The total of a queue's items.
#[derive(Clone, Copy, Default)]
pub struct Progress {
    total: RwSignal<UploadTotals>,
    /// Whether the total is updated periodically.
    tracking: StoredValue<bool>,
}

impl Progress {
    /// The total. Reactive.
    pub fn total(self) -> UploadTotals {
        self.total.get()
    }

    /// Updates the total now, and periodically until nothing is pending. Not on each progress event: there would be too many.
    pub fn track(self, queue: Queue) {
        self.update(queue, self.total.with_untracked(|totals| totals.speed));
        if self.tracking.try_update_value(|tracking| std::mem::replace(tracking, true)) != Some(false) {
            return;
        }
        spawn_local(async move {
            let mut speed = Speed::default();
            while self.total.with_untracked(|totals| totals.pending > 0) {
                TimeoutFuture::new(EVERY_MS).await;
                let sent = self.total.with_untracked(|totals| totals.sent);
                self.update(queue, speed.measure(clock::now(), sent));
            }
            self.update(queue, None);
            self.tracking.set_value(false);
        });
    }

    fn update(self, queue: Queue, speed: Option<u64>) {
        let totals = queue.items.with_untracked(|items| totals(items.values(), speed));
        if self.total.with_untracked(|before| *before != totals) {
            self.total.set(totals);
        }
    }
}

fn totals<'a>(items: impl IntoIterator<Item = &'a Item>, speed: Option<u64>) -> UploadTotals {
    let mut totals = UploadTotals {
        speed,
        ..UploadTotals::default()
    };
    for item in items {
        let state = item.peek_state();
        let count = match &state {
            UploadState::Failed(_) => &mut totals.failed,
            UploadState::Duplicate => &mut totals.duplicates,
            UploadState::Done => &mut totals.uploaded,
            state if item.is_paused() && !state.is_active() => &mut totals.paused,
            _ => &mut totals.pending,
        };
        *count += 1;
        if !matches!(state, UploadState::Failed(_) | UploadState::Duplicate) {
            totals.bytes += item.bytes();
            totals.sent += item.sent();
        }
    }
    totals
}

/// Measures upload speed.
#[derive(Debug, Default)]
struct Speed {
    last: Option<(f64, u64)>,
    per_second: Option<f64>,
}

impl Speed {
    /// Takes the bytes sent so far, and the time in milliseconds. Returns bytes per second, once there are two measurements.
    fn measure(&mut self, at: f64, sent: u64) -> Option<u64> {
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
    use super::{Item, Speed, UploadState, UploadTotals, totals};
    use crate::photos::uploads::item::{Note, UploadError};
    use leptos::prelude::*;

    #[test]
    fn only_files_that_are_not_finished_otherwise_count_towards_the_bytes() {
        let item = |state, paused| {
            let item = Item::new(String::new(), Note::default());
            item.note.update(|note| (note.bytes, note.paused) = (10, paused));
            item.set_sent(4);
            item.set_state(state);
            item
        };
        let items = [
            item(UploadState::Done, false),
            item(UploadState::Duplicate, false),
            item(UploadState::Failed(UploadError::Moved), false),
            item(UploadState::Waiting, true),
            // Is paused once its request has ended.
            item(UploadState::Sending, true),
            item(UploadState::Queued, false),
        ];
        let expected = UploadTotals {
            uploaded: 1,
            duplicates: 1,
            failed: 1,
            paused: 1,
            pending: 2,
            bytes: 40,
            sent: 16,
            speed: Some(7),
            ..UploadTotals::default()
        };
        assert_eq!(totals(&items, Some(7)), expected);
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
