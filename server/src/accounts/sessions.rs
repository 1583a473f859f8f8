//! The sessions of an account.

use super::records::{Holder, SessionRecord};
use super::session::end_one;
use super::viewer::Viewer;
use crate::aws::identity::Identity;
use crate::aws::table::{Page, Table, keys};
use crate::error::AppError;
use crate::now;
use model::accounts::Session;
use model::ids::AccountId;
use model::user_error::UserError;

/// Page size.
const PAGE: i32 = 50;

/// The viewer's sessions, newest first.
pub async fn sessions(table: &Table, viewer: &Viewer) -> Result<Vec<Session>, AppError> {
    let signed_in = viewer.signed_in()?;
    let current = &signed_in.session.hash;
    let listed = listed(table, &signed_in.account.id).await?.items.into_iter();
    let sessions = listed.filter(|session| session.ends_at > now()).map(|session| Session {
        here: session.hash == *current,
        seen_at: session.seen_at.unwrap_or(session.created_at),
        id: session.hash,
        device: session.device,
        zone: session.zone,
        created_at: session.created_at,
    });
    Ok(sessions.collect())
}

/// Ends one of the viewer's sessions; returns whether it was the current one.
///
/// # Errors
/// [`UserError::NotFound`] for an unknown session, or another account's.
pub async fn end(table: &Table, viewer: &Viewer, id: &str) -> Result<bool, AppError> {
    let signed_in = viewer.signed_in()?;
    let session: SessionRecord = table.get(&SessionRecord::key(id)).await?.ok_or(UserError::NotFound)?;
    if !session.is_of(&signed_in.account.id) {
        return Err(UserError::NotFound.into());
    }
    end_one(table, &session).await?;
    Ok(session.hash == signed_in.session.hash)
}

/// Ends all of the viewer's sessions except the current one, and revokes the tokens of programs.
pub async fn end_others(table: &Table, identity: &Identity, viewer: &Viewer) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    identity.revoke_tokens(&signed_in.account.id).await?;
    end_all_but(table, &signed_in.account.id, Some(&signed_in.session.hash)).await
}

/// Ends an account's sessions, except `kept`.
pub async fn end_all_but(table: &Table, account: &AccountId, kept: Option<&str>) -> Result<(), AppError> {
    loop {
        let page = listed(table, account).await?;
        let ending = page.items.iter().filter(|session| Some(session.hash.as_str()) != kept);
        for session in ending {
            end_one(table, session).await?;
        }
        if !page.more {
            return Ok(());
        }
    }
}

/// A page of an account's sessions, newest first.
pub async fn listed(table: &Table, account: &AccountId) -> Result<Page<SessionRecord>, AppError> {
    let pk = keys::account_partition(account);
    table.with_prefix_desc(&pk, keys::SESSION_PREFIX, PAGE).await
}

impl SessionRecord {
    fn is_of(&self, account: &AccountId) -> bool {
        matches!(&self.holder, Holder::Account { account: holder } if holder == account)
    }
}
