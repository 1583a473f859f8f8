//! Sessions: a secret in the browser's cookie, its hash in the table. Each use extends them.

use super::client::Client;
use super::records::{AccountRecord, Holder, SessionRecord};
use super::viewer::{Guest, SignedIn, Viewer};
use crate::aws::table::{Condition, Key, Row, Table, TransactWrite};
use crate::encrypted::Cipher;
use crate::error::AppError;
use crate::{now, secrets};
use model::ids::AccountId;
use model::time::Time;

/// How long a session lasts after its last use.
pub const SESSION_SECONDS: i64 = 30 * 86_400;

/// Maximum lifetime, after which the user must sign in again.
pub const LONGEST_SECONDS: i64 = 365 * 86_400;

/// Minimum interval between updates of a session's last use.
pub const SEEN_SECONDS: i64 = 300;

/// Maximum length of a time zone's name in bytes; the longest existing one has 32.
const MAX_ZONE_BYTES: usize = 48;

/// The value of a cookie. Of an account's session `<account>.<secret>`, so that both rows are read in one request; otherwise the secret
/// alone.
pub struct Secret(pub String);

/// Begins a session.
pub async fn begin(table: &Table, holder: Holder, client: &Client, zone: Option<String>) -> Result<Secret, AppError> {
    let secret = secrets::random_text()?;
    let at = now();
    let ends_at = at.plus_seconds(SESSION_SECONDS);
    let session = SessionRecord {
        version: SessionRecord::VERSION,
        hash: secrets::hashed(&secret),
        holder,
        created_at: at,
        seen_at: Some(at),
        device: client.device.clone(),
        zone: zone.filter(|zone| is_zone(zone)),
        ends_at,
        ttl: ends_at.seconds(),
    };
    // The key is random, so the condition does not fail.
    let _ = table
        .transact_write_with_retries(writes(table, &session, Condition::Absent)?)
        .await?;
    Ok(Secret(match &session.holder {
        Holder::Account { account } => format!("{account}.{secret}"),
        Holder::Guest { .. } => secret,
    }))
}

/// Whether a text has the form of a time zone's name, as `Europe/Berlin` or `Etc/GMT+1`.
fn is_zone(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    !text.is_empty() && text.len() <= MAX_ZONE_BYTES && text.chars().all(plain)
}

/// The writes of both rows of a session.
fn writes(table: &Table, session: &SessionRecord, condition: Condition<'_>) -> Result<Vec<TransactWrite>, AppError> {
    let mut rows = vec![table.transact_put(Row {
        key: SessionRecord::key(&session.hash),
        item: session,
        condition,
    })?];
    if let Holder::Account { account } = &session.holder {
        rows.push(table.transact_put(Row {
            key: SessionRecord::listed_key(account, session.created_at, &session.hash),
            item: session,
            condition: Condition::Anything,
        })?);
    }
    Ok(rows)
}

/// The account in a cookie, if any, and the secret. Older cookies have no account.
fn read_cookie(cookie: &str) -> (Option<AccountId>, &str) {
    cookie
        .split_once('.')
        .map_or((None, cookie), |(account, secret)| (account.parse().ok(), secret))
}

/// The keys of the rows that [`viewer`] reads, as far as the cookie names them, for one batched read.
pub fn rows_of(cookie: &str) -> Vec<Key> {
    let (account, secret) = read_cookie(cookie);
    let session = SessionRecord::key(&secrets::hashed(secret));
    [session]
        .into_iter()
        .chain(account.map(|account| AccountRecord::key(&account)))
        .collect()
}

/// The viewer of a session cookie. The session's row determines the account; the one in the cookie is not trusted.
pub async fn viewer(table: &Table, cookie: &str) -> Result<Viewer, AppError> {
    let (_, secret) = read_cookie(cookie);
    let session: Option<SessionRecord> = table.get(&SessionRecord::key(&secrets::hashed(secret))).await?;
    let Some(session) = session.filter(|session| session.ends_at > now()) else {
        return Ok(Viewer::Anonymous);
    };
    match &session.holder {
        Holder::Guest { album } => Ok(Viewer::Guest(Box::new(Guest {
            album: album.clone(),
            session,
        }))),
        Holder::Account { account } => {
            let account: Option<AccountRecord> = table.get(&AccountRecord::key(account)).await?;
            let account = account.filter(|account| account.leaving_at.is_none());
            Ok(account.map_or(Viewer::Anonymous, |account| {
                Viewer::Account(Box::new(SignedIn {
                    account,
                    session,
                    cipher: Cipher::of(secret),
                }))
            }))
        }
    }
}

/// Records a use of a session and extends it; returns the cookie's new lifetime in seconds if that has changed.
pub async fn touch(table: &Table, viewer: &Viewer) -> Result<Option<i64>, AppError> {
    let Some(session) = viewer.session() else { return Ok(None) };
    let Some(extended) = extend(session, now()) else {
        return Ok(None);
    };
    // A session that was ended by a concurrent request must not be written again.
    let unchanged = Condition::Number("version", session.version.into());
    let outcome = table.transact_write(writes(table, &extended, unchanged)?).await?;
    let lifetime = extended.ends_at.seconds() - now().seconds();
    Ok(outcome.is_written().then_some(lifetime))
}

/// The session after a use at a time; `None` if the last update is recent.
fn extend(session: &SessionRecord, at: Time) -> Option<SessionRecord> {
    let recent = session.seen_at.is_some_and(|seen| seen.plus_seconds(SEEN_SECONDS) > at);
    if recent && session.version == SessionRecord::VERSION {
        return None;
    }
    let last = session.created_at.plus_seconds(LONGEST_SECONDS);
    let ends_at = at.plus_seconds(SESSION_SECONDS).min(last);
    Some(SessionRecord {
        version: SessionRecord::VERSION,
        seen_at: Some(at),
        ends_at,
        ttl: ends_at.seconds(),
        ..session.clone()
    })
}

/// Ends the viewer's session, if there is one.
pub async fn end(table: &Table, viewer: &Viewer) -> Result<(), AppError> {
    match viewer.session() {
        Some(session) => end_one(table, session).await,
        None => Ok(()),
    }
}

/// Ends a session. The table's stream publishes that, and the session's sockets are closed.
pub(super) async fn end_one(table: &Table, session: &SessionRecord) -> Result<(), AppError> {
    let mut keys = vec![SessionRecord::key(&session.hash)];
    if let Holder::Account { account } = &session.holder {
        keys.push(SessionRecord::listed_key(account, session.created_at, &session.hash));
    }
    table.transact_delete_all(&keys).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::accounts::Device;

    fn session(created_at: i64, seen_at: i64) -> SessionRecord {
        SessionRecord {
            version: SessionRecord::VERSION,
            hash: "h".into(),
            holder: Holder::Account {
                account: "0190c9f0-5b1e-7c3a-8d2f-0000000000aa".parse().expect("an id"),
            },
            created_at: Time(created_at * 1000),
            seen_at: Some(Time(seen_at * 1000)),
            device: Device::default(),
            zone: None,
            ends_at: Time((seen_at + SESSION_SECONDS) * 1000),
            ttl: 0,
        }
    }

    #[test]
    fn use_extends_a_session_up_to_its_maximum_lifetime() {
        assert_eq!(extend(&session(0, 0), Time(SEEN_SECONDS * 1000 - 1)), None);
        let later = extend(&session(0, 0), Time(SEEN_SECONDS * 1000)).expect("a use");
        assert_eq!(later.ends_at, Time((SEEN_SECONDS + SESSION_SECONDS) * 1000));
        let last = extend(&session(0, LONGEST_SECONDS - 9000), Time((LONGEST_SECONDS - 8000) * 1000)).expect("a use");
        assert_eq!((last.ends_at, last.ttl), (Time(LONGEST_SECONDS * 1000), LONGEST_SECONDS));
    }

    #[test]
    fn an_older_version_is_migrated_on_use() {
        let mut old = session(0, 0);
        old.version = 2;
        old.seen_at = None;
        assert_eq!(
            extend(&old, Time(1)).map(|session| session.version),
            Some(SessionRecord::VERSION)
        );
    }

    #[test]
    fn a_cookie_may_contain_its_account() {
        let account = "0190c9f0-5b1e-7c3a-8d2f-0000000000aa";
        assert_eq!(
            read_cookie(&format!("{account}.secret")),
            (Some(account.parse().expect("an id")), "secret")
        );
        for (cookie, secret) in [("secret", "secret"), ("nobody.secret", "secret"), ("", "")] {
            assert_eq!(read_cookie(cookie), (None, secret));
        }
    }

    #[test]
    fn only_names_of_time_zones_are_accepted() {
        for zone in ["Europe/Berlin", "America/Argentina/ComodRivadavia", "Etc/GMT+1", "UTC"] {
            assert!(is_zone(zone), "{zone}");
        }
        for bad in ["", "<b>", "a b", "é", &"a".repeat(49)] {
            assert!(!is_zone(bad), "{bad}");
        }
    }
}
