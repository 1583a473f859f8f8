//! The Lambda functions: what each reads at startup, and its event handler.

pub mod account_data;
pub mod broadcast;
pub mod ingest;
pub mod notifications;
pub mod render;
pub mod scheduled_jobs;
pub mod stream;
#[cfg(feature = "web")]
pub mod web;
pub mod websocket;
pub mod workflow_steps;

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
