//! The door `changes`: the table's stream becomes sidecars and events.

use server::aws::settings::Setting;
use server::changes::{self, Changes, Here};
use server::door::{self, DoorError};

#[tokio::main]
async fn main() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::Bus, Setting::OriginalsBucket]).await?;
    let here = &Here {
        table: cloud.table()?,
        bus: cloud.bus()?,
        originals: cloud.originals()?,
    };
    door::run("changes", async |changes: Changes| changes::on_changes(here, changes).await).await
}
