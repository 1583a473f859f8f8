//! The door `clock`: what is done at its hours.

use server::aws::settings::Setting;
use server::clock::{self, Here, Tick};
use server::door::{self, DoorError};

#[tokio::main]
async fn main() -> Result<(), DoorError> {
    use Setting::{MediaBucket, MediaKeys, OriginalsBucket, Table, Workflow};
    let cloud = door::open(&[Table, OriginalsBucket, MediaBucket, Workflow, MediaKeys]).await?;
    let here = &Here {
        table: cloud.table()?,
        originals: cloud.originals()?,
        media: cloud.media()?,
        workflow: cloud.workflow()?,
        secret: cloud.secret()?,
        media_keys: cloud.media_keys()?,
    };
    door::run("clock", async |tick: Tick| clock::on_tick(here, tick).await).await
}
