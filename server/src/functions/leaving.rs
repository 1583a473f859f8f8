//! The function `leaving`: the steps of an export, and of an account's deletion.

use super::start;
use crate::aws::settings::Setting;
use crate::door::{self, DoorError};
use crate::failure::{Failure, While};
use crate::leaving::{Here, erase, pack};
use model::ids::AccountId;
use serde::Deserialize;
use serde_json::Value;

/// One step, as the state machine names it.
#[derive(Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum Step {
    Pack { account: AccountId, export: String },
    Ready { account: AccountId, export: String },
    Fail { account: AccountId, export: String },
    Erase { account: AccountId },
    Settle { account: AccountId },
    Close { account: AccountId },
}

/// Answers invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the runtime interface cannot be reached.
pub fn run() -> Result<(), DoorError> {
    start(serve())
}

async fn serve() -> Result<(), DoorError> {
    use Setting::{MediaBucket, OriginalsBucket, SocketEndpoint, Table, UserPool, UserPoolClient};
    let cloud = door::open(&[Table, OriginalsBucket, MediaBucket, UserPool, UserPoolClient, SocketEndpoint]).await?;
    let here = &Here {
        table: cloud.table()?,
        originals: cloud.originals()?,
        media: cloud.media()?,
        exports: cloud.exports()?,
        identity: cloud.identity()?,
        sockets: cloud.sockets()?,
    };
    door::run("leaving", async |step: Step| take(here, step).await).await
}

async fn take(here: &Here, step: Step) -> Result<Value, Failure> {
    let progress = match step {
        Step::Pack { account, export } => pack::pack(here, &account, &export).await?,
        Step::Erase { account } => erase::erase(here, &account).await?,
        Step::Settle { account } => erase::settle(here, &account).await?,
        Step::Ready { account, export } => return pack::ready(here, &account, &export).await.map(|()| Value::Null),
        Step::Fail { account, export } => return pack::fail(here, &account, &export).await.map(|()| Value::Null),
        Step::Close { account } => return erase::close(here, &account).await.map(|()| Value::Null),
    };
    serde_json::to_value(progress).while_doing("answer the workflow")
}
