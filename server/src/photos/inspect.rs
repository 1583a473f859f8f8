//! The first step of the imaging workflow: checks that the original is a photo with the announced checksum.

use super::change::change;
use super::job::{Job, Order};
use super::records::{PhotoRecord, original_key};
use super::states::{FIRST, LATER};
use crate::aws::originals::Originals;
use crate::aws::table::Table;
use crate::aws::workflow::Tasks;
use crate::error::{AppError, Context};
use crate::now;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imaging::{Format, ImageError, Inspection};
use model::photos::{Reason, Receipt, State};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tracing::{error, info};

/// The output of the step. No formats for a refused photo.
#[derive(Debug, Serialize)]
pub struct Inspected {
    job: Job,
    formats: Vec<Format>,
    later: Vec<Format>,
}

impl Inspected {
    fn of(job: Job, refused: bool) -> Self {
        let (formats, later) = if refused {
            (vec![], vec![])
        } else {
            (FIRST.to_vec(), LATER.to_vec())
        };
        Self { job, formats, later }
    }
}

/// Inspects an original and reports to the workflow, which retries failures.
pub async fn run(table: &Table, originals: &Originals, tasks: &Tasks, order: Order) -> Result<(), AppError> {
    match inspect(table, originals, order.job).await {
        Ok(inspected) => tasks.succeed(&order.token, &inspected).await,
        Err(failure) => {
            error!(%failure, "an original could not be inspected");
            tasks.fail(&order.token, "not inspected").await
        }
    }
}

/// Reads the whole original, compares its checksum with the record and decodes it. Does nothing if the record shows that it was inspected.
async fn inspect(table: &Table, originals: &Originals, job: Job) -> Result<Inspected, AppError> {
    let record: Option<PhotoRecord> = table.get(&PhotoRecord::key(&job.photo)).await?;
    let Some(record) = record else {
        return Ok(Inspected::of(job, true));
    };
    let pending = matches!(record.state, State::Expected | State::Received);
    if record.generation == job.generation && !pending {
        return Ok(Inspected::of(job, matches!(record.state, State::Refused { .. })));
    }
    let (bytes, store) = originals.read_with_checksum(&original_key(&job.library, &job.photo)).await?;
    let task = tokio::task::spawn_blocking(move || {
        let sha256 = STANDARD.encode(Sha256::digest(&bytes));
        (check(bytes, sha256 == record.sha256), sha256)
    });
    let (verdict, sha256) = task.await.context("inspect an original")?;
    let receipt = Receipt {
        sha256,
        store,
        at: now(),
    };
    let photo = change(table, &job.photo, |photo, at| {
        let changed = match &verdict {
            Ok(found) => photo.develop(job.generation, found, at),
            Err(reason) => photo.refuse(job.generation, reason.clone(), at),
        };
        if changed {
            photo.record_receipt(&receipt);
        }
        changed
    });
    photo.await?;
    info!(photo = %job.photo, refused = ?verdict.as_ref().err(), "inspected");
    Ok(Inspected::of(job, verdict.is_err()))
}

fn check(bytes: Vec<u8>, checksum_matches: bool) -> Result<Inspection, Reason> {
    if bytes.is_empty() {
        return Err(Reason::Empty);
    }
    if !checksum_matches {
        return Err(Reason::WrongChecksum);
    }
    let sandbox = imaging::Sandbox::here().map_err(|_| Reason::OurFault)?;
    sandbox.inspect(bytes).map_err(reason)
}

/// The reason that its owner is shown.
fn reason(unfit: ImageError) -> Reason {
    match unfit {
        ImageError::Empty => Reason::Empty,
        ImageError::NotAPhoto => Reason::NotAPhoto { picture: false },
        ImageError::Unsupported | ImageError::NoPreview => Reason::NotAPhoto { picture: true },
        ImageError::Damaged | ImageError::TooSlow => Reason::Damaged,
        ImageError::TooManyPixels { width, height } => Reason::TooManyPixels { width, height },
        ImageError::NotEncoded => Reason::OurFault,
    }
}
