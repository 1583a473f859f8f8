//! The function `stream`: turns the table's stream into sidecars and events.

use super::start;
use crate::aws::settings::Setting;
use crate::handler::{self, FunctionError};
use crate::stream::{self, Changes, HandlerContext};

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    let cloud = handler::open(&[Setting::Table, Setting::Bus, Setting::OriginalsBucket]).await?;
    let context = &HandlerContext {
        table: cloud.table()?,
        bus: cloud.bus()?,
        originals: cloud.originals()?,
    };
    handler::run("stream", async |changes: Changes| stream::on_changes(context, changes).await).await
}
