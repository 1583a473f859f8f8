//! Progress of all uploads.

use super::backoff::Speed;
use super::item::{Item, Stage};
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

/// Updates the total of the items now, and periodically until nothing is pending. Not on each progress event: there would be too many.
pub fn track(items: impl Fn() -> Vec<Item> + 'static, total: RwSignal<Tally>) {
    let update = move |speed: Option<u64>| {
        let tally = tally(&items(), speed);
        if total.with_untracked(|before| *before != tally) {
            total.set(tally);
        }
    };
    update(total.with_untracked(|tally| tally.speed));
    if TRACKING.replace(true) {
        return;
    }
    spawn_local(async move {
        let mut speed = Speed::default();
        while total.with_untracked(|tally| tally.under_way > 0) {
            TimeoutFuture::new(EVERY_MS).await;
            let sent = total.with_untracked(|tally| tally.sent);
            update(speed.measure(clock::now(), sent));
        }
        update(None);
        TRACKING.set(false);
    });
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
