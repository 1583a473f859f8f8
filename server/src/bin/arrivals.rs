//! The door `arrivals`: an original is in the bucket.

use server::aws::settings::Setting;
use server::door::{self, DoorError};
use server::photos::receive::{self, ObjectCreated};

#[tokio::main]
async fn main() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::Workflow]).await?;
    let (table, workflow) = (&cloud.table()?, &cloud.workflow()?);
    door::run("arrivals", async |event: ObjectCreated| {
        receive::arrived(table, workflow, &event).await
    })
    .await
}
