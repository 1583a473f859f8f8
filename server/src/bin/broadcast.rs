//! The door `broadcast`: events go to the sockets that follow them.

use server::aws::settings::Setting;
use server::door::{self, DoorError};
use server::live::broadcast::{self, Told};
use server::photos::links::Signer;

#[tokio::main]
async fn main() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::SocketEndpoint]).await?;
    let (table, sockets) = (&cloud.table()?, &cloud.sockets()?);
    let signer = &Signer::new(&cloud.secret()?.read().await?)?;
    door::run("broadcast", async |told: Told| {
        broadcast::on_event(table, sockets, signer, told).await
    })
    .await
}
