//! The function `scheduled-jobs`: runs one job each time.

use super::start;
use crate::aws::settings::Setting;
use crate::handler::{self, FunctionError};
use crate::schedule::{self, HandlerContext, Tick};

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    use Setting::{MediaBucket, MediaKeys, OriginalsBucket, Table, Workflow};
    let cloud = handler::open(&[Table, OriginalsBucket, MediaBucket, Workflow, MediaKeys]).await?;
    let context = &HandlerContext {
        table: cloud.table()?,
        originals: cloud.originals()?,
        media: cloud.media()?,
        workflow: cloud.workflow()?,
        secret: cloud.secret()?,
        media_keys: cloud.media_keys()?,
    };
    handler::run("scheduled-jobs", async |tick: Tick| schedule::on_tick(context, tick).await).await
}
