//! Sessions: a secret in the browser, its hash in the table.

use super::records::{AccountRecord, SessionRecord};
use super::viewer::{SignedIn, Viewer};
use crate::aws::table::{Given, Row, Table};
use crate::failure::Failure;
use crate::{now, secrets};
use model::ids::AccountId;

/// How long a session lasts.
pub const SESSION_SECONDS: i64 = 30 * 86_400;

/// What the browser's cookie holds.
pub struct Secret(pub String);

/// Begins a session.
pub async fn begin(table: &Table, account: &AccountId) -> Result<Secret, Failure> {
    let secret = secrets::random_text()?;
    let ends_at = now().plus_seconds(SESSION_SECONDS);
    let session = SessionRecord {
        version: SessionRecord::VERSION,
        hash: secrets::hashed(&secret),
        account: account.clone(),
        created_at: now(),
        ends_at,
        ttl: ends_at.seconds(),
    };
    table
        .put(Row {
            key: SessionRecord::key(&session.hash),
            item: &session,
            given: Given::Absent,
        })
        .await?;
    Ok(Secret(secret))
}

/// Who holds this secret.
pub async fn viewer(table: &Table, secret: &str) -> Result<Viewer, Failure> {
    let session: Option<SessionRecord> = table.get(&SessionRecord::key(&secrets::hashed(secret))).await?;
    let Some(session) = session.filter(|session| session.ends_at > now()) else {
        return Ok(Viewer::NoOne);
    };
    let account: Option<AccountRecord> = table.get(&AccountRecord::key(&session.account)).await?;
    Ok(account.map_or(Viewer::NoOne, |account| {
        Viewer::Account(Box::new(SignedIn { account, session }))
    }))
}

/// Ends the viewer's session, if there is one.
pub async fn end(table: &Table, viewer: &Viewer) -> Result<(), Failure> {
    if let Viewer::Account(signed_in) = viewer {
        table
            .take::<SessionRecord>(&SessionRecord::key(&signed_in.session.hash))
            .await?;
    }
    Ok(())
}
