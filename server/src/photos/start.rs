//! Completed uploads, reported by the bucket's event or by the browser, whichever comes first. The second changes nothing.

use super::change::change;
use super::job::Job;
use super::records::{PhotoRecord, parse_original_key};
use super::upload;
use crate::albums::access::OpenLibrary;
use crate::aws::originals::Originals;
use crate::aws::table::Table;
use crate::aws::workflow::Workflow;
use crate::error::AppError;
use crate::now;
use model::ids::PhotoId;
use model::photos::State;
use model::user_error::UserError;
use serde::Deserialize;
use tracing::{info, warn};

/// The event "Object Created", as far as it is used.
#[derive(Debug, Deserialize)]
pub struct ObjectCreated {
    detail: ObjectCreatedDetail,
}

#[derive(Debug, Deserialize)]
struct ObjectCreatedDetail {
    object: CreatedObject,
}

#[derive(Debug, Deserialize)]
struct CreatedObject {
    key: String,
}

/// Handles an event of the bucket.
pub async fn on_object_created(table: &Table, workflow: &Workflow, event: &ObjectCreated) -> Result<(), AppError> {
    let key = &event.detail.object.key;
    match parse_original_key(key) {
        Some((_, photo)) => start_workflow(table, workflow, &photo).await.map(drop),
        None => {
            warn!(key, "an object that is not an original");
            Ok(())
        }
    }
}

/// Handles a browser's report that its upload is complete; completes a multipart upload.
///
/// # Errors
/// Refused if the object does not exist, or the photo is not in this library.
pub async fn complete_upload(
    table: &Table,
    originals: &Originals,
    workflow: &Workflow,
    library: &OpenLibrary,
    id: &PhotoId,
) -> Result<PhotoRecord, AppError> {
    let photo = super::timeline::photo(table, library, id).await?;
    if !is_stored(originals, &photo).await? {
        let user_error = if photo.grant_ends_at < now() {
            UserError::GrantExpired
        } else {
            UserError::NotThereYet
        };
        return Err(user_error.into());
    }
    start_workflow(table, workflow, id)
        .await?
        .ok_or_else(|| UserError::NotFound.into())
}

/// Whether an original exists, after its multipart upload is completed.
pub(super) async fn is_stored(originals: &Originals, photo: &PhotoRecord) -> Result<bool, AppError> {
    let key = photo.original_key();
    if originals.has(&key).await? || upload::complete_multipart(originals, photo).await? {
        return Ok(true);
    }
    // A concurrent request may have completed it.
    Ok(photo.parts.is_some() && originals.has(&key).await?)
}

/// Marks the photo as received and starts its workflow. After a crash between the two, the redelivered event starts the workflow.
pub(crate) async fn start_workflow(table: &Table, workflow: &Workflow, id: &PhotoId) -> Result<Option<PhotoRecord>, AppError> {
    let Some(photo) = change(table, id, PhotoRecord::receive).await? else {
        warn!(photo = %id, "an original without a record");
        return Ok(None);
    };
    if photo.state == State::Received {
        let job = Job {
            photo: photo.id.clone(),
            library: photo.library.clone(),
            generation: photo.generation,
        };
        workflow.start(&job.execution(), &job).await?;
        info!(photo = %id, generation = job.generation, "workflow started");
    }
    Ok(Some(photo))
}
