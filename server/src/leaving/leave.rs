//! Asking for an account's deletion.

use super::records::{LeavingRecord, REMEMBERED_SECONDS};
use crate::accounts::client::Client;
use crate::accounts::records::AccountRecord;
use crate::accounts::sign_in::written;
use crate::accounts::viewer::Viewer;
use crate::accounts::{password, people, sessions};
use crate::aws::identity::Identity;
use crate::aws::table::{Given, Row, Table};
use crate::aws::workflow::Workflow;
use crate::failure::Failure;
use crate::now;
use model::accounts::Group;
use model::refusals::Refusal;
use serde_json::json;

/// Has the viewer's account deleted, by their password. From then on nobody is let in to it.
///
/// # Errors
/// [`Refusal::NotSure`], [`Refusal::WrongPassword`]; [`Refusal::LastOwner`] where nobody would own the site.
pub async fn leave(
    table: &Table,
    identity: &Identity,
    workflow: &Workflow,
    viewer: &Viewer,
    password: &str,
    sure: bool,
    client: &Client,
) -> Result<(), Failure> {
    let signed_in = viewer.signed_in()?;
    password::prove(table, identity, signed_in, password, client).await?;
    if !sure {
        return Err(Refusal::NotSure.into());
    }
    let account = &signed_in.account;
    let mut rows = vec![];
    if signed_in.is(Group::Owner) {
        rows.push(people::owner_goes(table, &account.id).await?);
    }
    // First: it leaves alone what is not marked, so that what is marked is deleted for certain.
    let at = now();
    let input = json!({ "what": "erase", "account": account.id, "export": "" });
    workflow.start(&format!("{}-{}", account.id, at.0), &input).await?;
    let leaving = LeavingRecord {
        version: LeavingRecord::VERSION,
        account: account.id.clone(),
        email: account.email.clone(),
        asked_at: at,
        ttl: at.plus_seconds(REMEMBERED_SECONDS).seconds(),
    };
    let marked = AccountRecord {
        version: AccountRecord::VERSION,
        leaving_at: Some(at),
        ..account.clone()
    };
    rows.extend(written(table, &marked, Given::Number("version", account.version.into()))?);
    rows.push(table.together(Row {
        key: LeavingRecord::key(&account.id),
        item: &leaving,
        given: Given::Anything,
    })?);
    if !table.put_together(rows).await? {
        return Err(Refusal::TooMany.into());
    }
    identity.end_programs(&account.id).await?;
    sessions::end_all_but(table, &account.id, None).await
}
