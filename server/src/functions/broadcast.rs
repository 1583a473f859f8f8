//! The function `broadcast`: fans events out to the sockets that subscribe to them.

use super::start;
use crate::aws::settings::Setting;
use crate::handler::{self, FunctionError};
use crate::live::broadcast::{self, BroadcastEvent};
use crate::photos::links::Signer;

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    let cloud = handler::open(&[Setting::Table, Setting::SocketEndpoint]).await?;
    let (table, sockets) = (&cloud.table()?, &cloud.sockets()?);
    let signer = &Signer::new(&cloud.secret()?.read().await?)?;
    handler::run("broadcast", async |event: BroadcastEvent| {
        broadcast::on_event(table, sockets, signer, event).await
    })
    .await
}
