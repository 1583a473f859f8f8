//! The function `ingest`: handles "Object Created" events of the bucket of originals.

use super::start;
use crate::aws::settings::Setting;
use crate::handler::{self, FunctionError};
use crate::photos::start::{self, ObjectCreated};

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    let cloud = handler::open(&[Setting::Table, Setting::Workflow]).await?;
    let (table, workflow) = (&cloud.table()?, &cloud.workflow()?);
    handler::run("ingest", async |event: ObjectCreated| {
        start::on_object_created(table, workflow, &event).await
    })
    .await
}
