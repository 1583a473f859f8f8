//! The function `arrivals`: an original is in the bucket.

use crate::aws::settings::Setting;
use crate::door::{self, DoorError};
use crate::photos::receive::{self, ObjectCreated};

/// Answers invocations.
///
/// # Errors
/// When it cannot start, or the runtime interface cannot be reached.
pub async fn run() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::Workflow]).await?;
    let (table, workflow) = (&cloud.table()?, &cloud.workflow()?);
    door::run("arrivals", async |event: ObjectCreated| {
        receive::arrived(table, workflow, &event).await
    })
    .await
}
