//! The function `websocket`: WebSocket connections, messages and disconnections.

use super::start;
use crate::aws::settings::Setting;
use crate::handler::{self, FunctionError};
use crate::live::connect::{self, SocketEvent};

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    let cloud = handler::open(&[Setting::Table, Setting::SiteAddress]).await?;
    let (table, site_address) = (&cloud.table()?, &cloud.setting(Setting::SiteAddress)?);
    handler::run("websocket", async |event: SocketEvent| {
        connect::on_socket(table, site_address, event).await
    })
    .await
}
