//! The function `live`: sockets that open, speak and close.

use super::start;
use crate::aws::settings::Setting;
use crate::door::{self, DoorError};
use crate::live::connect::{self, SocketEvent};

/// Answers invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the runtime interface cannot be reached.
pub fn run() -> Result<(), DoorError> {
    start(serve())
}

async fn serve() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::SiteAddress]).await?;
    let (table, site_address) = (&cloud.table()?, &cloud.setting(Setting::SiteAddress)?);
    door::run("live", async |event: SocketEvent| {
        connect::on_socket(table, site_address, event).await
    })
    .await
}
