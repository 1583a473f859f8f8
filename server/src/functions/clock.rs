//! The function `clock`: scheduled jobs.

use super::start;
use crate::aws::settings::Setting;
use crate::clock::{self, Here, Tick};
use crate::door::{self, FunctionError};

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    use Setting::{MediaBucket, MediaKeys, OriginalsBucket, Table, Workflow};
    let cloud = door::open(&[Table, OriginalsBucket, MediaBucket, Workflow, MediaKeys]).await?;
    let context = &Here {
        table: cloud.table()?,
        originals: cloud.originals()?,
        media: cloud.media()?,
        workflow: cloud.workflow()?,
        secret: cloud.secret()?,
        media_keys: cloud.media_keys()?,
    };
    door::run("clock", async |tick: Tick| clock::on_tick(context, tick).await).await
}
