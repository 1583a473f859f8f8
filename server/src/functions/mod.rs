//! The Lambda functions: what each reads at startup, and its event handler.

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

use crate::handler::FunctionError;

/// Runs a function until its environment ends. Called here and not in the binaries: a future is compiled where it is first polled, so
/// each binary would compile again all that its function awaits.
///
/// # Errors
/// Those of the function, and when the runtime cannot be built.
pub(crate) fn start<T>(function: impl Future<Output = Result<T, FunctionError>>) -> Result<T, FunctionError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(function)
}
