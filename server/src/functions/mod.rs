//! The Lambda functions, each with what it reads at its start and what it does with an event.

pub mod arrivals;
pub mod broadcast;
pub mod changes;
pub mod clock;
pub mod leaving;
pub mod live;
pub mod notices;
pub mod render;
pub mod steps;
#[cfg(feature = "web")]
pub mod web;

use crate::door::DoorError;

/// Runs a function until its environment ends. Called here and not by the programs: a future is compiled where it is polled first, and
/// each program would compile all that its function awaits once more.
///
/// # Errors
/// Those of the function, and when there can be no runtime.
fn start(function: impl Future<Output = Result<(), DoorError>>) -> Result<(), DoorError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(function)
}
