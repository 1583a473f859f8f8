//! Requests for an export, and its download.

use super::records::{ExportRecord, Upto};
use crate::accounts::client::Client;
use crate::accounts::rate_limits::{self, EXPORTS};
use crate::accounts::viewer::Viewer;
use crate::aws::exports::Exports;
use crate::aws::table::{Condition, Row, Table};
use crate::aws::workflow::Workflow;
use crate::error::AppError;
use crate::now;
use model::accounts::{EXPORT_DAYS, Export, ExportState};
use model::ids::AccountId;
use model::user_error::UserError;
use serde_json::json;
use std::time::Duration;

/// After this time an unfinished export is considered lost, and another may begin.
const MAKING_TIMEOUT_SECONDS: i64 = 86_400;

/// How long a presigned download URL is valid.
const URL_LASTS: Duration = Duration::from_secs(600);

/// Starts an export of the viewer's account. Does nothing while one is in progress.
///
/// # Errors
/// [`UserError::TooMany`]: exports are rate-limited, as each copies a whole library.
pub async fn export(table: &Table, workflow: &Workflow, viewer: &Viewer, client: &Client) -> Result<(), AppError> {
    let account = &viewer.signed_in()?.account;
    let before: Option<ExportRecord> = table.get(&ExportRecord::key(&account.id)).await?;
    let at = now();
    if before
        .as_ref()
        .is_some_and(|export| export.state == ExportState::Making && export.began_at.plus_seconds(MAKING_TIMEOUT_SECONDS) > at)
    {
        return Ok(());
    }
    rate_limits::count(table, EXPORTS, &account.id, client).await?;
    let read = before.map(|before| before.revision);
    let ends_at = at.plus_seconds(EXPORT_DAYS * 86_400);
    let record = ExportRecord {
        version: ExportRecord::VERSION,
        revision: read.unwrap_or(0) + 1,
        id: uuid::Uuid::now_v7().to_string(),
        state: ExportState::Making,
        began_at: at,
        ends_at,
        parts: vec![],
        upto: Upto::Timeline { before: None },
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key: ExportRecord::key(&account.id),
        item: &record,
        condition: read.map_or(Condition::Absent, Condition::Revision),
    };
    if !table.put_with_retries(row).await?.is_written() {
        // A concurrent request was first.
        return Ok(());
    }
    let input = json!({ "what": "export", "account": account.id, "export": record.id });
    if let Err(failure) = workflow.start(&record.id, &input).await {
        table.delete(&ExportRecord::key(&account.id)).await?;
        return Err(failure);
    }
    Ok(())
}

/// The viewer's export, if there is one.
pub async fn exported(table: &Table, viewer: &Viewer) -> Result<Option<Export>, AppError> {
    let account = &viewer.signed_in()?.account.id;
    Ok(unexpired(table, account).await?.map(ExportRecord::export))
}

/// A presigned URL of a part of the viewer's export.
///
/// # Errors
/// [`UserError::NotFound`] if there is no such part.
pub async fn part(table: &Table, exports: &Exports, viewer: &Viewer, number: usize) -> Result<String, AppError> {
    let account = &viewer.signed_in()?.account.id;
    let export = unexpired(table, account).await?.ok_or(UserError::NotFound)?;
    if number == 0 || number > export.parts.len() {
        return Err(UserError::NotFound.into());
    }
    let name = format!("shoebox-{}-{number}.zip", &export.began_at.rfc3339()[..10]);
    let key = Exports::key(account, &export.id, number);
    exports.presign_download(&key, &name, URL_LASTS).await
}

async fn unexpired(table: &Table, account: &AccountId) -> Result<Option<ExportRecord>, AppError> {
    let export: Option<ExportRecord> = table.get(&ExportRecord::key(account)).await?;
    Ok(export.filter(|export| export.ends_at > now()))
}
