//! The last steps of the imaging workflow, after success or failure.

use super::change::change;
use super::job::Job;
use super::records::PhotoRecord;
use crate::aws::table::Table;
use crate::error::AppError;
use imaging::Format;
use model::photos::Reason;
use tracing::{error, info};

/// Ends the processing if the workflow could not store each format's result.
pub async fn finish(table: &Table, job: &Job) -> Result<(), AppError> {
    let photo = change(table, &job.photo, |photo: &mut PhotoRecord, at| {
        photo.finish(job.generation, at)
    })
    .await?;
    info!(photo = %job.photo, state = ?photo.map(|photo| photo.state), "finished");
    Ok(())
}

/// Records that one format could not be made; the others still can be.
pub async fn format_failed(table: &Table, job: &Job, format: Format, reason: &str) -> Result<(), AppError> {
    error!(photo = %job.photo, format = format.name(), reason, "a format could not be made");
    change(table, &job.photo, |photo: &mut PhotoRecord, at| {
        photo.format_failed(job.generation, format, reason, at)
    })
    .await
    .map(drop)
}

/// Records that the workflow failed; `cause` is for the operator.
pub async fn fail(table: &Table, job: &Job, cause: &str) -> Result<(), AppError> {
    error!(photo = %job.photo, cause, "imaging failed");
    change(table, &job.photo, |photo, at| {
        photo.refuse(job.generation, Reason::OurFault, at)
    })
    .await
    .map(drop)
}
