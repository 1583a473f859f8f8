//! Progress of all uploads.

use super::backoff::Speed;
use super::item::{Item, Stage};
use super::queue::Uploads;
use crate::ui::clock;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use messages::uploads::Tally;
use std::cell::Cell;

/// How often progress is updated.
const EVERY_MS: u32 = 400;

thread_local! {
    static TRACKING: Cell<bool> = const { Cell::new(false) };
}

impl Uploads {
    /// Updates the tally now, and periodically until nothing is pending. Not on each progress event: there would be too many.
    pub fn track_progress(self) {
        let speed = self.tally.with_untracked(|tally| tally.speed);
        self.update_tally(speed);
        if TRACKING.replace(true) {
            return;
        }
        spawn_local(async move {
            let mut speed = Speed::default();
            while self.tally.with_untracked(|tally| tally.under_way > 0) {
                TimeoutFuture::new(EVERY_MS).await;
                let sent = self.tally.with_untracked(|tally| tally.sent);
                self.update_tally(speed.measure(clock::now(), sent));
            }
            self.update_tally(None);
            TRACKING.set(false);
        });
    }

    fn update_tally(self, speed: Option<u64>) {
        let tally = tally(&self.items_untracked(), speed);
        if self.tally.with_untracked(|before| *before != tally) {
            self.tally.set(tally);
        }
    }
}

fn tally(items: &[Item], speed: Option<u64>) -> Tally {
    let mut tally = Tally {
        speed,
        ..Tally::default()
    };
    for item in items {
        match item.peek_stage() {
            Stage::Failed(_) => tally.failed += 1,
            Stage::Duplicate => tally.already += 1,
            stage => {
                match stage {
                    Stage::Done => tally.there += 1,
                    stage if item.is_paused() && !stage.is_active() => tally.paused += 1,
                    _ => tally.under_way += 1,
                }
                tally.bytes += item.bytes();
                tally.sent += item.sent();
            }
        }
    }
    tally
}
