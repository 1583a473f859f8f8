//! What all doors have in common: logs, the smoke test, and one place where failures are logged.

use crate::aws::Cloud;
use crate::aws::settings::Setting;
use crate::failure::Failure;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::future::Future;
use tracing::{Instrument, error, info_span};

/// Why a door stops or fails an invocation.
pub type DoorError = lambda_runtime::Error;

/// Logs as JSON in Lambda, as text in a terminal; `RUST_LOG` chooses how much.
pub fn log_to_stdout() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let logs = tracing_subscriber::fmt().with_env_filter(filter);
    if in_lambda() {
        logs.json().flatten_event(true).with_ansi(false).init();
    } else {
        logs.init();
    }
}

/// Begins to log, and reads the settings that a door uses.
///
/// # Errors
/// When a setting is missing: the log and the error name it.
pub async fn open(wanted: &[Setting]) -> Result<Cloud, DoorError> {
    log_to_stdout();
    Ok(Cloud::open(wanted).await.inspect_err(cannot_start)?)
}

/// Says why a door does not open: nobody else will, for the runtime only sees that the process has ended.
pub fn cannot_start(failure: &Failure) {
    error!(%failure, "cannot start");
}

/// Whether the runtime interface of Lambda is there.
pub fn in_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Answers invocations until the environment ends. A payload of `{"smoke": true}` is answered by the door's name: it
/// proves after a deploy that the function starts and finds its settings.
///
/// # Errors
/// When the runtime interface cannot be reached.
pub async fn run<Event, Answer, Work>(name: &'static str, handle: impl Fn(Event) -> Work) -> Result<(), DoorError>
where
    Event: DeserializeOwned,
    Answer: Serialize,
    Work: Future<Output = Result<Answer, Failure>>,
{
    let handle = &handle;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        let trace = event.context.xray_trace_id.clone().unwrap_or_default();
        let span = info_span!("invocation", door = name, request = %event.context.request_id, trace);
        answer(name, event.payload, handle).instrument(span).await
    }))
    .await
}

/// What shows that a function has started: the answer to its smoke test, and to a health check of `web`.
pub fn smoke(name: &str) -> Value {
    json!({ "door": name, "ok": true })
}

async fn answer<Event, Answer, Work>(name: &str, payload: Value, handle: impl Fn(Event) -> Work) -> Result<Value, DoorError>
where
    Event: DeserializeOwned,
    Answer: Serialize,
    Work: Future<Output = Result<Answer, Failure>>,
{
    if payload.get("smoke").and_then(Value::as_bool) == Some(true) {
        return Ok(smoke(name));
    }
    let event = serde_json::from_value(payload).inspect_err(|cause| error!(%cause, "the event has another shape"))?;
    match handle(event).await {
        Ok(answer) => Ok(serde_json::to_value(answer)?),
        Err(failure) => {
            error!(%failure, "failed");
            Err(failure.into())
        }
    }
}
