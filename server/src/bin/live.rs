//! The door `live`: sockets that open, speak and close.

use server::aws::settings::Setting;
use server::door::{self, DoorError};
use server::live::connect::{self, SocketEvent};

#[tokio::main]
async fn main() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::SiteAddress]).await?;
    let (table, site_address) = (&cloud.table()?, &cloud.setting(Setting::SiteAddress)?);
    door::run("live", async |event: SocketEvent| {
        connect::on_socket(table, site_address, event).await
    })
    .await
}
