//! The sweep of expired grants: the upload never arrived, or its event was lost.

use super::change::change;
use super::records::{PhotoRecord, Sweep};
use super::start::{is_stored, start_workflow};
use super::upload;
use crate::aws::originals::Originals;
use crate::aws::table::{Table, keys};
use crate::aws::workflow::Workflow;
use crate::error::{AppError, Context};
use model::ids::PhotoId;
use model::time::Time;
use serde::{Deserialize, Serialize};

/// Rows of one run; the next run continues.
pub(super) const BATCH: i32 = 500;

/// An upload that began before its grant expired may end after it.
pub const MARGIN_SECONDS: i64 = 1800;

/// The result of a sweep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// Photos whose upload never arrived.
    pub given_up: u32,
    /// Photos whose upload was found.
    pub received: u32,
    /// Whether there are more.
    pub more: bool,
}

/// Ends the grants that expired more than half an hour before `at`.
pub async fn sweep(table: &Table, originals: &Originals, workflow: &Workflow, at: Time) -> Result<Swept, AppError> {
    let upto = keys::due_sk(at.plus_seconds(-MARGIN_SECONDS), "");
    let page = table.due(Sweep::Grant.due_pk(), &upto, BATCH).await?;
    let mut swept = Swept {
        more: page.more,
        ..Swept::default()
    };
    for row in page.items {
        let id = photo_of(&row.pk)?;
        let Some(photo) = table.get::<PhotoRecord>(&PhotoRecord::key(&id)).await? else {
            continue;
        };
        if is_stored(originals, &photo).await? {
            start_workflow(table, workflow, &id).await?;
            swept.received += 1;
        } else {
            upload::abort_multipart(originals, &photo).await?;
            change(table, &id, PhotoRecord::sweep).await?;
            swept.given_up += 1;
        }
    }
    Ok(swept)
}

/// The photo of a row that is due.
pub(super) fn photo_of(pk: &str) -> Result<PhotoId, AppError> {
    pk.trim_start_matches(keys::PHOTO_PREFIX)
        .parse()
        .context("read which photo is due")
}
