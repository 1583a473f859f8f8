//! The function `render`: one format of one photo, from that format's queue, or a look at an original.

use super::start;
use crate::aws::settings::Setting;
use crate::door::{self, DoorError};
use crate::failure::{Failure, While};
use crate::photos::job::{self, Order, Work};
use crate::photos::{inspect, render};
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use tracing::error;

/// How often an order is tried. What ended the process each time cannot tell the workflow, so the next start does. Its queue
/// delivers it more often: some deliveries find no room, and start nothing.
const TRIES: i64 = 3;

/// Answers invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the runtime interface cannot be reached.
pub fn run() -> Result<(), DoorError> {
    start(serve())
}

async fn serve() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::OriginalsBucket, Setting::MediaBucket]).await?;
    let (table, originals, media, tasks) = (&cloud.table()?, &cloud.originals()?, &cloud.media()?, &cloud.tasks());
    let one = async |message: &SqsMessage| -> Result<(), Failure> {
        let order: Order =
            serde_json::from_str(message.body.as_deref().unwrap_or_default()).while_doing("understand an order")?;
        if job::count_start(table, message.message_id.as_deref().unwrap_or_default()).await? > TRIES {
            return render::give_up(tasks, &order).await;
        }
        match order.work {
            Work::Render(format) => render::render(table, originals, media, tasks, order, format).await,
            Work::Inspect(_) => inspect::answer(table, originals, tasks, order).await,
        }
    };
    let one = &one;
    door::run("render", async |event: SqsEvent| {
        let mut answer = SqsBatchResponse::default();
        for message in &event.records {
            if let Err(failure) = one(message).await {
                error!(%failure, order = message.message_id, "an order was not done");
                let mut failed = BatchItemFailure::default();
                failed.item_identifier = message.message_id.clone().unwrap_or_default();
                answer.batch_item_failures.push(failed);
            }
        }
        Ok(answer)
    })
    .await
}
