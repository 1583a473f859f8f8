//! The function `broadcast`: events go to the sockets that follow them.

use super::start;
use crate::aws::settings::Setting;
use crate::door::{self, DoorError};
use crate::live::broadcast::{self, Told};
use crate::photos::links::Signer;

/// Answers invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the runtime interface cannot be reached.
pub fn run() -> Result<(), DoorError> {
    start(serve())
}

async fn serve() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::SocketEndpoint]).await?;
    let (table, sockets) = (&cloud.table()?, &cloud.sockets()?);
    let signer = &Signer::new(&cloud.secret()?.read().await?)?;
    door::run("broadcast", async |told: Told| {
        broadcast::on_event(table, sockets, signer, told).await
    })
    .await
}
