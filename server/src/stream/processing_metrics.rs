//! Metrics of how long a photo's steps take, from the history in its row.

use crate::metrics::{self, Unit};
use model::photos::{State, Step};
use model::time::Time;

/// Records metrics of the newest step, if the change added one.
pub(super) fn record(history: &[Step], steps_before: usize, published_at: Time) {
    if history.len() <= steps_before {
        return;
    }
    for (name, value, unit) in metrics_of(history, published_at) {
        metrics::record(name, value, unit, &[]);
    }
}

fn metrics_of(history: &[Step], published_at: Time) -> Vec<(&'static str, f64, Unit)> {
    let Some(newest) = history.last() else { return vec![] };
    let since = |from: fn(&State) -> bool| {
        let began = history.iter().rev().find(|step| from(&step.state))?;
        Some(milliseconds(began.at, newest.at))
    };
    let expected = || since(|state| *state == State::Expected);
    let received = || since(|state| *state == State::Received);
    let step = match newest.state {
        State::Received => expected().map(|took| ("TimeToReceive", took, Unit::Milliseconds)),
        State::Developing { done: 0, .. } => received().map(|took| ("TimeToInspect", took, Unit::Milliseconds)),
        State::Ready => received().map(|took| ("TimeToReady", took, Unit::Milliseconds)),
        State::Refused { .. } => Some(("Refused", 1.0, Unit::Count)),
        State::Expected | State::Developing { .. } => None,
    };
    let publish = ("TimeToPublish", milliseconds(newest.at, published_at), Unit::Milliseconds);
    step.into_iter().chain([publish]).collect()
}

#[allow(clippy::cast_precision_loss, reason = "spans are far below 2^53 milliseconds")]
fn milliseconds(from: Time, to: Time) -> f64 {
    to.0.saturating_sub(from.0).max(0) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_from_where_the_step_began() {
        let states = [
            State::Expected,
            State::Received,
            State::Developing { done: 0, of: 1 },
            State::Developing { done: 1, of: 1 },
            State::Ready,
        ];
        let history: Vec<Step> = (0..)
            .zip(states)
            .map(|(n, state)| Step {
                state,
                at: Time(n * 100),
            })
            .collect();
        let first = |steps: usize| {
            let published_at = Time(history[steps - 1].at.0 + 7);
            metrics_of(&history[..steps], published_at)
        };
        let publish = ("TimeToPublish", 7.0, Unit::Milliseconds);
        assert_eq!(first(1), [publish]);
        assert_eq!(first(2), [("TimeToReceive", 100.0, Unit::Milliseconds), publish]);
        assert_eq!(first(3), [("TimeToInspect", 100.0, Unit::Milliseconds), publish]);
        assert_eq!(first(4), [publish]);
        assert_eq!(first(5), [("TimeToReady", 300.0, Unit::Milliseconds), publish]);
    }
}
