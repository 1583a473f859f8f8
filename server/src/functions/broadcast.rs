//! The function `broadcast`: fans events out to the sockets that subscribe to them.

use super::start;
use crate::aws::settings::Setting;
use crate::door::{self, FunctionError};
use crate::live::broadcast::{self, Told};
use crate::photos::links::Signer;

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    let cloud = door::open(&[Setting::Table, Setting::SocketEndpoint]).await?;
    let (table, sockets) = (&cloud.table()?, &cloud.sockets()?);
    let signer = &Signer::new(&cloud.secret()?.read().await?)?;
    door::run("broadcast", async |event: Told| {
        broadcast::on_event(table, sockets, signer, event).await
    })
    .await
}
