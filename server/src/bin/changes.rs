//! The door `changes`: the table's stream becomes events.

use server::aws::Cloud;
use server::aws::settings::Setting;
use server::door::{self, DoorError};
use server::live::number::{self, Changes};

#[tokio::main]
async fn main() -> Result<(), DoorError> {
    door::log_to_stdout();
    let cloud = Cloud::open(&[Setting::Table, Setting::Bus]).await?;
    let (table, bus) = (&cloud.table()?, &cloud.bus()?);
    door::run("changes", async |changes: Changes| {
        number::on_changes(table, bus, changes).await
    })
    .await
}
