//! The bytes are there: told by the bucket's event or by the browser, whichever comes first. The second changes nothing.

use super::change::change;
use super::job::Job;
use super::records::{PhotoRecord, parse_original_key};
use super::upload;
use crate::albums::access::OpenLibrary;
use crate::aws::originals::Originals;
use crate::aws::table::Table;
use crate::aws::workflow::Workflow;
use crate::failure::Failure;
use crate::now;
use model::ids::PhotoId;
use model::photos::State;
use model::refusals::Refusal;
use serde::Deserialize;
use tracing::{info, warn};

/// "Object Created", as far as it matters here.
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

/// The bucket says that an object is there.
pub async fn arrived(table: &Table, workflow: &Workflow, event: &ObjectCreated) -> Result<(), Failure> {
    let key = &event.detail.object.key;
    match parse_original_key(key) {
        Some((_, photo)) => receive(table, workflow, &photo).await.map(drop),
        None => {
            warn!(key, "an object that is no original");
            Ok(())
        }
    }
}

/// The browser says that its upload is there. What travelled in parts is put together.
///
/// # Errors
/// Refused when it is not, or when the photo is not in this library.
pub async fn announced(
    table: &Table,
    originals: &Originals,
    workflow: &Workflow,
    library: &OpenLibrary,
    id: &PhotoId,
) -> Result<PhotoRecord, Failure> {
    let photo = super::timeline::photo(table, library, id).await?;
    if !lies_there(originals, &photo).await? {
        let refusal = if photo.grant_ends_at < now() {
            Refusal::GrantExpired
        } else {
            Refusal::NotThereYet
        };
        return Err(refusal.into());
    }
    receive(table, workflow, id).await?.ok_or_else(|| Refusal::NotFound.into())
}

/// Whether an original is there, once its parts are put together.
pub(super) async fn lies_there(originals: &Originals, photo: &PhotoRecord) -> Result<bool, Failure> {
    let key = photo.original_key();
    if originals.has(&key).await? || upload::put_together(originals, photo).await? {
        return Ok(true);
    }
    // What another put together meanwhile is there, too.
    Ok(photo.parts.is_some() && originals.has(&key).await?)
}

/// Marks the photo received and starts its workflow. A photo that was marked but whose workflow did not start, because
/// this function was cut off between the two, starts it when the event comes again.
pub(super) async fn receive(table: &Table, workflow: &Workflow, id: &PhotoId) -> Result<Option<PhotoRecord>, Failure> {
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
        info!(photo = %id, generation = job.generation, "developing begins");
    }
    Ok(Some(photo))
}
