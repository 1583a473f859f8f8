//! The function `workflow-steps`: the steps of the imaging workflow that need no queue.

use super::start;
use crate::aws::settings::Setting;
use crate::error::AppError;
use crate::handler::{self, FunctionError};
use crate::photos::finish;
use crate::photos::job::Job;
use imaging::Format;
use serde::Deserialize;
use serde_json::Value;

/// A step of the state machine.
#[derive(Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum Step {
    Finish {
        job: Job,
    },
    FormatFailed {
        job: Job,
        format: Format,
        error: Value,
    },
    Fail {
        #[serde(flatten)]
        job: Job,
        cause: Value,
    },
}

/// The cause that `render` reported, or else the workflow's error name.
fn reason(error: &Value) -> String {
    let text = |name: &str| error.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text("Cause").or(text("Error")).unwrap_or("unknown").into()
}

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    let cloud = handler::open(&[Setting::Table]).await?;
    let table = &cloud.table()?;
    handler::run("workflow-steps", async |step: Step| -> Result<(), AppError> {
        match step {
            Step::Finish { job } => finish::finish(table, &job).await,
            Step::FormatFailed { job, format, error } => finish::format_failed(table, &job, format, &reason(&error)).await,
            Step::Fail { job, cause } => finish::fail(table, &job, &cause.to_string()).await,
        }
    })
    .await
}
