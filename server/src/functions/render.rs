//! The function `render`: renders one format of one photo, from that format's queue, or inspects an original.

use super::start;
use crate::aws::settings::Setting;
use crate::error::{AppError, Context};
use crate::handler::{self, FunctionError};
use crate::photos::job::{self, Order, Work};
use crate::photos::{inspect, render};
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use tracing::error;

/// Attempts at an order. A process that crashes cannot report to the workflow, so the next start does. The queue's own receive count is
/// no measure: deliveries that Lambda throttles start nothing.
const MAX_ATTEMPTS: i64 = 3;

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    let cloud = handler::open(&[Setting::Table, Setting::OriginalsBucket, Setting::MediaBucket]).await?;
    let (table, originals, media, tasks) = (&cloud.table()?, &cloud.originals()?, &cloud.media()?, &cloud.tasks());
    let handle = async |message: &SqsMessage| -> Result<(), AppError> {
        let order: Order = serde_json::from_str(message.body.as_deref().unwrap_or_default()).context("parse an order")?;
        if job::count_start(table, message.message_id.as_deref().unwrap_or_default()).await? > MAX_ATTEMPTS {
            return render::report_failure(tasks, &order).await;
        }
        match order.work {
            Work::Render(format) => render::render(table, originals, media, tasks, order, format).await,
            Work::Inspect(_) => inspect::run(table, originals, tasks, order).await,
        }
    };
    let handle = &handle;
    handler::run("render", async |event: SqsEvent| {
        let mut response = SqsBatchResponse::default();
        for message in &event.records {
            if let Err(failure) = handle(message).await {
                error!(%failure, order = message.message_id, "an order was not done");
                let mut failed = BatchItemFailure::default();
                failed.item_identifier = message.message_id.clone().unwrap_or_default();
                response.batch_item_failures.push(failed);
            }
        }
        Ok(response)
    })
    .await
}
