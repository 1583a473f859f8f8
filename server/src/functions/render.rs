//! The function `render`: one format of one photo, from that format's queue.

use super::start;
use crate::aws::settings::Setting;
use crate::door::{self, DoorError};
use crate::failure::{Failure, While};
use crate::photos::job::Order;
use crate::photos::render;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use tracing::error;

/// How often an order is tried. What ended the process each time cannot tell the workflow, so the next delivery does; it
/// is the last before the order is a dead letter.
const TRIES: u32 = 3;

fn deliveries(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

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
        if deliveries(message) > TRIES {
            return render::give_up(tasks, &order).await;
        }
        render::render(table, originals, media, tasks, order).await
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
