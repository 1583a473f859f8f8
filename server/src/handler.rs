//! What all Lambda functions share: the log format, the smoke test, and the one place where errors are logged.

use crate::aws::Cloud;
use crate::aws::settings::Setting;
use crate::error::AppError;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::future::Future;
use tracing::{Instrument, error, info_span};

/// Why a function cannot start, or fails an invocation.
pub type FunctionError = lambda_runtime::Error;

/// Logs as JSON in Lambda, as text in a terminal; `RUST_LOG` sets the filter.
pub fn log_to_stdout() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let logs = tracing_subscriber::fmt().with_env_filter(filter);
    if in_lambda() {
        logs.json().flatten_event(true).with_ansi(false).init();
    } else {
        logs.init();
    }
}

/// Starts logging, and reads the settings that a function uses.
///
/// # Errors
/// When a setting is missing; the error names it and is logged.
pub async fn open(wanted: &[Setting]) -> Result<Cloud, FunctionError> {
    log_to_stdout();
    Ok(Cloud::open(wanted).await.inspect_err(cannot_start)?)
}

/// Logs why a function cannot start: the runtime only reports that the process exited.
pub fn cannot_start(failure: &AppError) {
    error!(%failure, "cannot start");
}

/// Whether this process runs in Lambda or behind an emulated runtime API.
pub fn in_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Handles invocations until the environment ends. The smoke test after a deploy sends `{"smoke": true}` and expects the function's
/// name: it shows that the function starts and finds its settings.
///
/// # Errors
/// When the Lambda runtime API cannot be reached.
pub async fn run<Event, Response, Fut>(name: &'static str, handle: impl Fn(Event) -> Fut) -> Result<(), FunctionError>
where
    Event: DeserializeOwned,
    Response: Serialize,
    Fut: Future<Output = Result<Response, AppError>>,
{
    let handle = &handle;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        let trace = event.context.xray_trace_id.clone().unwrap_or_default();
        let span = info_span!("invocation", function = name, request = %event.context.request_id, trace);
        invoke(name, event.payload, handle).instrument(span).await
    }))
    .await
}

/// The response to a smoke test, and to a health check of `web`.
pub fn smoke(name: &str) -> Value {
    json!({ "function": name, "ok": true })
}

async fn invoke<Event, Response, Fut>(name: &str, payload: Value, handle: impl Fn(Event) -> Fut) -> Result<Value, FunctionError>
where
    Event: DeserializeOwned,
    Response: Serialize,
    Fut: Future<Output = Result<Response, AppError>>,
{
    if payload.get("smoke").and_then(Value::as_bool) == Some(true) {
        return Ok(smoke(name));
    }
    let event = serde_json::from_value(payload).inspect_err(|cause| error!(%cause, "the event has another shape"))?;
    match handle(event).await {
        Ok(response) => Ok(serde_json::to_value(response)?),
        Err(failure) => {
            error!(%failure, "failed");
            Err(failure.into())
        }
    }
}
