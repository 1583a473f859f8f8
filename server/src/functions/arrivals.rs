//! The function `arrivals`: an original is in the bucket.

use super::start;
use crate::aws::settings::Setting;
use crate::door::{self, DoorError};
use crate::photos::receive::{self, ObjectCreated};

/// Answers invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the runtime interface cannot be reached.
pub fn run() -> Result<(), DoorError> {
    start(serve())
}

async fn serve() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::Workflow]).await?;
    let (table, workflow) = (&cloud.table()?, &cloud.workflow()?);
    door::run("arrivals", async |event: ObjectCreated| {
        receive::arrived(table, workflow, &event).await
    })
    .await
}
