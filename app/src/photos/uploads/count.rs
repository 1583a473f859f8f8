//! Counts what is on its way.

use super::item::{Item, Stage};
use super::pace::Speed;
use super::queue::Uploads;
use crate::ui::clock;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use words::uploads::Tally;

/// How often it is counted what travelled.
const EVERY_MS: u32 = 400;

thread_local! {
    static COUNTING: Cell<bool> = const { Cell::new(false) };
}

impl Uploads {
    /// Counts what travelled, from now on until nothing does. Not with every byte: many travel.
    pub fn count(self) {
        let speed = self.tally.with_untracked(|tally| tally.speed);
        self.learn(speed);
        if COUNTING.replace(true) {
            return;
        }
        spawn_local(async move {
            let mut speed = Speed::default();
            while self.tally.with_untracked(|tally| tally.under_way > 0) {
                TimeoutFuture::new(EVERY_MS).await;
                let sent = self.tally.with_untracked(|tally| tally.sent);
                self.learn(speed.measure(clock::now(), sent));
            }
            self.learn(None);
            COUNTING.set(false);
        });
    }

    fn learn(self, speed: Option<u64>) {
        let tally = tally(&self.peek(), speed);
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
        match item.peek() {
            Stage::Failed(_) => tally.failed += 1,
            Stage::Already => tally.already += 1,
            stage => {
                match stage {
                    Stage::Done => tally.there += 1,
                    stage if item.is_paused() && !stage.is_at_work() => tally.paused += 1,
                    _ => tally.under_way += 1,
                }
                tally.bytes += item.bytes();
                tally.sent += item.sent();
            }
        }
    }
    tally
}
