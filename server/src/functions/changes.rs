//! The function `changes`: the table's stream becomes sidecars and events.

use super::start;
use crate::aws::settings::Setting;
use crate::changes::{self, Changes, Here};
use crate::door::{self, DoorError};

/// Answers invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the runtime interface cannot be reached.
pub fn run() -> Result<(), DoorError> {
    start(serve())
}

async fn serve() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::Bus, Setting::OriginalsBucket]).await?;
    let here = &Here {
        table: cloud.table()?,
        bus: cloud.bus()?,
        originals: cloud.originals()?,
    };
    door::run("changes", async |changes: Changes| changes::on_changes(here, changes).await).await
}
