//! The function `clock`: what is done at its hours.

use super::start;
use crate::aws::settings::Setting;
use crate::clock::{self, Here, Tick};
use crate::door::{self, DoorError};

/// Answers invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the runtime interface cannot be reached.
pub fn run() -> Result<(), DoorError> {
    start(serve())
}

async fn serve() -> Result<(), DoorError> {
    use Setting::{MediaBucket, MediaKeys, OriginalsBucket, Table, Workflow};
    let cloud = door::open(&[Table, OriginalsBucket, MediaBucket, Workflow, MediaKeys]).await?;
    let here = &Here {
        table: cloud.table()?,
        originals: cloud.originals()?,
        media: cloud.media()?,
        workflow: cloud.workflow()?,
        secret: cloud.secret()?,
        media_keys: cloud.media_keys()?,
    };
    door::run("clock", async |tick: Tick| clock::on_tick(here, tick).await).await
}
