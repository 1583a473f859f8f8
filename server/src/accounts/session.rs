//! Sessions: a secret in the browser, its hash in the table.

use super::records::{AccountRecord, Holder, SessionRecord};
use super::viewer::{Guest, SignedIn, Viewer};
use crate::aws::table::{Given, Row, Table};
use crate::failure::Failure;
use crate::{now, secrets};

/// How long a session lasts.
pub const SESSION_SECONDS: i64 = 30 * 86_400;

/// What the browser's cookie holds.
pub struct Secret(pub String);

/// Begins a session.
pub async fn begin(table: &Table, holder: Holder) -> Result<Secret, Failure> {
    let secret = secrets::random_text()?;
    let ends_at = now().plus_seconds(SESSION_SECONDS);
    let session = SessionRecord {
        version: SessionRecord::VERSION,
        hash: secrets::hashed(&secret),
        holder,
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
    match &session.holder {
        Holder::Guest { album } => Ok(Viewer::Guest(Box::new(Guest {
            album: album.clone(),
            session,
        }))),
        Holder::Account { account } => {
            let account: Option<AccountRecord> = table.get(&AccountRecord::key(account)).await?;
            Ok(account.map_or(Viewer::NoOne, |account| {
                Viewer::Account(Box::new(SignedIn { account, session }))
            }))
        }
    }
}

/// Ends the viewer's session, if there is one.
pub async fn end(table: &Table, viewer: &Viewer) -> Result<(), Failure> {
    let session = match viewer {
        Viewer::Account(signed_in) => &signed_in.session,
        Viewer::Guest(guest) => &guest.session,
        Viewer::NoOne => return Ok(()),
    };
    table.take::<SessionRecord>(&SessionRecord::key(&session.hash)).await?;
    Ok(())
}
