//! Requests for an account's deletion.

use super::records::{AccountDeletionRecord, REMEMBERED_SECONDS};
use crate::accounts::change::change;
use crate::accounts::client::Client;
use crate::accounts::second_step::Credentials;
use crate::accounts::viewer::Viewer;
use crate::accounts::{owners, second_step, sessions};
use crate::aws::identity::Identity;
use crate::aws::table::{Condition, Row, Table};
use crate::aws::workflow::Workflow;
use crate::error::AppError;
use crate::now;
use model::accounts::Group;
use model::user_error::UserError;
use serde_json::json;

/// Starts the deletion of the viewer's account, after their password, and a code where a second step is on. Nobody can sign in from then
/// on.
///
/// # Errors
/// [`UserError::NotSure`]; [`UserError::LastOwner`] if nobody would own the site; as [`second_step::verify`].
pub async fn request(
    table: &Table,
    identity: &Identity,
    workflow: &Workflow,
    viewer: &Viewer,
    credentials: Credentials<'_>,
    sure: bool,
    client: &Client,
) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    // Before the credentials are checked: a recovery code can be used once.
    if !sure {
        return Err(UserError::NotSure.into());
    }
    let account = &signed_in.account;
    if signed_in.is(Group::Owner) {
        owners::another_stays(table, &account.id).await?;
    }
    second_step::verify(table, identity, signed_in, credentials, client).await?;
    // The workflow starts first and does nothing until the account is marked: no marked account is left without one.
    let at = now();
    let input = json!({ "what": "erase", "account": account.id, "export": "" });
    workflow.start(&format!("{}-{}", account.id, at.0), &input).await?;
    let marked = change(table, &account.id, |account| {
        if account.leaving_at.is_some() {
            return Err(UserError::Leaving.into());
        }
        account.leaving_at = Some(at);
        let deletion = AccountDeletionRecord {
            version: AccountDeletionRecord::VERSION,
            account: account.id.clone(),
            email: account.email.clone(),
            asked_at: at,
            ttl: at.plus_seconds(REMEMBERED_SECONDS).seconds(),
        };
        let deletion_row = table.transact_put(Row {
            key: AccountDeletionRecord::key(&account.id),
            item: &deletion,
            condition: Condition::Anything,
        })?;
        Ok(vec![deletion_row])
    });
    marked.await?.ok_or(UserError::NotFound)?;
    identity.revoke_tokens(&account.id).await?;
    sessions::end_all_but(table, &account.id, None).await
}
