//! The function `changes`: the table's stream becomes sidecars and events.

use crate::aws::settings::Setting;
use crate::changes::{self, Changes, Here};
use crate::door::{self, DoorError};

/// Answers invocations.
///
/// # Errors
/// When it cannot start, or the runtime interface cannot be reached.
pub async fn run() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::Bus, Setting::OriginalsBucket]).await?;
    let here = &Here {
        table: cloud.table()?,
        bus: cloud.bus()?,
        originals: cloud.originals()?,
    };
    door::run("changes", async |changes: Changes| changes::on_changes(here, changes).await).await
}
