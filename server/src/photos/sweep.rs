//! Grants that ended. Their bytes never came, or they came and nobody heard of it.

use super::change::change;
use super::receive::{lies_there, receive};
use super::records::{PhotoRecord, Sweep};
use super::upload;
use crate::aws::originals::Originals;
use crate::aws::table::Table;
use crate::aws::workflow::Workflow;
use crate::failure::{Failure, While};
use model::ids::PhotoId;
use model::time::Time;
use serde::{Deserialize, Serialize};

/// Rows that one run takes; the next takes more.
pub(super) const AT_ONCE: i32 = 500;

/// An upload that began within its grant may end after it.
pub const MARGIN_SECONDS: i64 = 1800;

/// What a sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// Photos whose bytes never came.
    pub given_up: u32,
    /// Photos whose bytes were there.
    pub received: u32,
    /// Whether there are more.
    pub more: bool,
}

/// Ends the grants that were over half an hour before `at`.
pub async fn sweep(table: &Table, originals: &Originals, workflow: &Workflow, at: Time) -> Result<Swept, Failure> {
    let upto = Sweep::due_sk(at.plus_seconds(-MARGIN_SECONDS), "");
    let page = table.due(Sweep::Grant.due_pk(), &upto, AT_ONCE).await?;
    let mut swept = Swept {
        more: page.more,
        ..Swept::default()
    };
    for place in page.items {
        let id = photo_of(&place.pk)?;
        let Some(photo) = table.get::<PhotoRecord>(&PhotoRecord::key(&id)).await? else {
            continue;
        };
        if lies_there(originals, &photo).await? {
            receive(table, workflow, &id).await?;
            swept.received += 1;
        } else {
            upload::throw_away(originals, &photo).await?;
            change(table, &id, PhotoRecord::sweep).await?;
            swept.given_up += 1;
        }
    }
    Ok(swept)
}

/// The photo of a row that is due.
pub(super) fn photo_of(pk: &str) -> Result<PhotoId, Failure> {
    pk.trim_start_matches("PHOTO#").parse().while_doing("read which photo is due")
}
