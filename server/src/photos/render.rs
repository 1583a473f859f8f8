//! Renders one format of one photo: puts the renditions into the bucket, updates the record, and reports to the workflow.

use super::change::change;
use super::job::Order;
use super::records::{PhotoRecord, original_key};
use super::states::FIRST;
use crate::aws::media::Media;
use crate::aws::originals::Originals;
use crate::aws::table::Table;
use crate::aws::workflow::Tasks;
use crate::error::{AppError, Context};
use crate::metrics::{self, Unit};
use imaging::Format;
use serde_json::json;
use std::time::Instant;
use tracing::{info, warn};

/// Reports an order as failed to the workflow. The error leaves its message to the redrive policy of the queue.
pub async fn report_failure(tasks: &Tasks, order: &Order) -> Result<(), AppError> {
    tasks.fail(&order.token, "too many attempts").await?;
    Err(AppError::internal(
        "process an order",
        "too many attempts: see why the earlier ones crashed",
    ))
}

/// Renders one format. Idempotent: a redelivery writes the same objects again, or if the record has the format, only reports success.
pub async fn render(
    table: &Table,
    originals: &Originals,
    media: &Media,
    tasks: &Tasks,
    order: Order,
    format: Format,
) -> Result<(), AppError> {
    let (job, began) = (&order.job, Instant::now());
    let photo: Option<PhotoRecord> = table.get(&PhotoRecord::key(&job.photo)).await?;
    let Some(photo) = photo.filter(|photo| photo.generation == job.generation) else {
        warn!(photo = %job.photo, "an order for a photo that is deleted, or has a newer generation");
        return tasks.fail(&order.token, "gone").await;
    };
    if photo.lacking.iter().any(|lacking| lacking.format == format.name()) {
        warn!(photo = %job.photo, format = format.name(), "is reported as failed already");
        return tasks.fail(&order.token, "given up").await;
    }
    if photo.formats.iter().any(|done| done == format.name()) {
        info!(photo = %job.photo, format = format.name(), "was rendered already");
        return report_success(tasks, &order, format).await;
    }
    let bytes = originals.read(&original_key(&job.library, &job.photo)).await?;
    let sandbox = imaging::Sandbox::here().context("find the sandboxed program")?;
    let made = tokio::task::spawn_blocking(move || sandbox.develop(bytes, &[format], &imaging::WIDTHS));
    let made = made.await.context("render a photo")?;
    let developed = match made {
        Ok(developed) => developed,
        Err(unfit) => {
            warn!(photo = %job.photo, format = format.name(), ?unfit, "cannot be rendered");
            return tasks.fail(&order.token, &format!("{unfit:?}")).await;
        }
    };
    let folder = photo.folder();
    for rendition in developed.renditions {
        let key = PhotoRecord::rendition_key(&folder, rendition.width, format);
        media.put(&key, format.content_type(), rendition.bytes).await?;
    }
    if let Some(animation) = developed.animation {
        media
            .put(&PhotoRecord::animation_key(&folder), format.content_type(), animation)
            .await?;
    }
    change(table, &job.photo, |photo, at| photo.format_done(job.generation, format, at)).await?;
    info!(photo = %job.photo, format = format.name(), "rendered");
    // Only formats that users wait for: each metric costs.
    if FIRST.contains(&format) {
        let took = began.elapsed().as_secs_f64() * 1000.0;
        metrics::record("TimeToRender", took, Unit::Milliseconds, &[("Format", format.name())]);
    }
    report_success(tasks, &order, format).await
}

async fn report_success(tasks: &Tasks, order: &Order, format: Format) -> Result<(), AppError> {
    let output = json!({ "format": format.name(), "failed": false });
    tasks.succeed(&order.token, &output).await
}
