//! The function `steps`: the workflow's steps that need no queue.

use super::start;
use crate::aws::settings::Setting;
use crate::door::{self, DoorError};
use crate::failure::{Failure, While};
use crate::photos::job::Job;
use crate::photos::{finish, inspect};
use develop::Format;
use serde::Deserialize;
use serde_json::Value;

/// One step, as the state machine names it.
#[derive(Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum Step {
    Inspect {
        #[serde(flatten)]
        job: Job,
    },
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

/// What `render` said, or else what the workflow calls it.
fn reason(error: &Value) -> String {
    let text = |name: &str| error.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text("Cause").or(text("Error")).unwrap_or("unknown").into()
}

/// Answers invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the runtime interface cannot be reached.
pub fn run() -> Result<(), DoorError> {
    start(serve())
}

async fn serve() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::OriginalsBucket]).await?;
    let (table, originals) = (&cloud.table()?, &cloud.originals()?);
    door::run("steps", async |step: Step| -> Result<Value, Failure> {
        match step {
            Step::Inspect { job } => {
                serde_json::to_value(inspect::inspect(table, originals, job).await?).while_doing("answer the workflow")
            }
            Step::Finish { job } => finish::finish(table, &job).await.map(|()| Value::Null),
            Step::FormatFailed { job, format, error } => finish::format_failed(table, &job, format, &reason(&error))
                .await
                .map(|()| Value::Null),
            Step::Fail { job, cause } => finish::fail(table, &job, &cause.to_string()).await.map(|()| Value::Null),
        }
    })
    .await
}
