//! The function `account-data`: the steps of the workflow that exports or deletes an account.

use super::start;
use crate::account_data::{HandlerContext, erase, pack};
use crate::aws::settings::Setting;
use crate::error::{AppError, Context};
use crate::handler::{self, FunctionError};
use model::ids::AccountId;
use serde::Deserialize;
use serde_json::Value;

/// A step of the state machine.
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

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    use Setting::{MediaBucket, OriginalsBucket, SocketEndpoint, Table, UserPool, UserPoolClient};
    let cloud = handler::open(&[Table, OriginalsBucket, MediaBucket, UserPool, UserPoolClient, SocketEndpoint]).await?;
    let context = &HandlerContext {
        table: cloud.table()?,
        originals: cloud.originals()?,
        media: cloud.media()?,
        exports: cloud.exports()?,
        identity: cloud.identity()?,
        sockets: cloud.sockets()?,
    };
    handler::run("account-data", async |step: Step| run_step(context, step).await).await
}

async fn run_step(context: &HandlerContext, step: Step) -> Result<Value, AppError> {
    let progress = match step {
        Step::Pack { account, export } => pack::pack(context, &account, &export).await?,
        Step::Erase { account } => erase::erase(context, &account).await?,
        Step::Settle { account } => erase::settle(context, &account).await?,
        Step::Ready { account, export } => return pack::ready(context, &account, &export).await.map(|()| Value::Null),
        Step::Fail { account, export } => return pack::fail(context, &account, &export).await.map(|()| Value::Null),
        Step::Close { account } => return erase::close(context, &account).await.map(|()| Value::Null),
    };
    serde_json::to_value(progress).context("serialize a step's output")
}
