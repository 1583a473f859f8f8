//! Sessions: a secret in the browser, its hash in the table. Used, they last; ended, they end with the next request.

use super::client::Client;
use super::records::{AccountRecord, Holder, SessionRecord};
use super::viewer::{Guest, SignedIn, Viewer};
use crate::aws::table::{Given, Key, Row, Table};
use crate::encrypted::Cipher;
use crate::failure::Failure;
use crate::{now, secrets};
use model::ids::AccountId;
use model::time::Time;

/// How long a session lasts after its last use.
pub const SESSION_SECONDS: i64 = 30 * 86_400;

/// How long it lasts however it is used: then one proves oneself again.
pub const LONGEST_SECONDS: i64 = 365 * 86_400;

/// How often the use of a session is written down.
pub const SEEN_SECONDS: i64 = 300;

/// The longest name of a time zone that is kept, in bytes; the longest there is has 32.
const MAX_ZONE_BYTES: usize = 48;

/// What the browser's cookie holds: of an account's session `<account>.<secret>`, so that both rows are read at once; of a guest's the
/// secret alone.
pub struct Secret(pub String);

/// Begins a session in a browser.
pub async fn begin(table: &Table, holder: Holder, client: &Client, zone: Option<String>) -> Result<Secret, Failure> {
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
    write(table, &session, Given::Absent).await?;
    Ok(Secret(match &session.holder {
        Holder::Account { account } => format!("{account}.{secret}"),
        Holder::Guest { .. } => secret,
    }))
}

/// Whether a text may be the name of a time zone, as `Europe/Berlin` or `Etc/GMT+1`.
fn is_zone(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    !text.is_empty() && text.len() <= MAX_ZONE_BYTES && text.chars().all(plain)
}

/// Writes a session in both of its places; `false` when it may not be written.
async fn write(table: &Table, session: &SessionRecord, given: Given<'_>) -> Result<bool, Failure> {
    let mut rows = vec![table.together(Row {
        key: SessionRecord::key(&session.hash),
        item: session,
        given,
    })?];
    if let Holder::Account { account } = &session.holder {
        rows.push(table.together(Row {
            key: SessionRecord::listed_key(account, session.created_at, &session.hash),
            item: session,
            given: Given::Anything,
        })?);
    }
    table.put_together(rows).await
}

/// The account that a cookie names, where it does, and the secret. Cookies of before name none.
fn read_cookie(cookie: &str) -> (Option<AccountId>, &str) {
    let named = cookie.split_once('.');
    named.map_or((None, cookie), |(account, secret)| (account.parse().ok(), secret))
}

/// The rows that say whose session a cookie is, as far as it names them: a table that is batched of them reads both at once.
pub fn rows_of(cookie: &str) -> Vec<Key> {
    let (named, secret) = read_cookie(cookie);
    let session = SessionRecord::key(&secrets::hashed(secret));
    [session]
        .into_iter()
        .chain(named.map(|account| AccountRecord::key(&account)))
        .collect()
}

/// Whose session a cookie is. The session says so, whatever account the cookie names.
pub async fn viewer(table: &Table, cookie: &str) -> Result<Viewer, Failure> {
    let (_, secret) = read_cookie(cookie);
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
            let account = account.filter(|account| account.leaving_at.is_none());
            Ok(account.map_or(Viewer::NoOne, |account| {
                Viewer::Account(Box::new(SignedIn {
                    account,
                    session,
                    cipher: Cipher::of(secret),
                }))
            }))
        }
    }
}

/// Writes down that a session is used, and lets it last; answers for how many seconds from now its cookie is good where
/// that has changed.
pub async fn touch(table: &Table, viewer: &Viewer) -> Result<Option<i64>, Failure> {
    let Some(session) = viewer.session() else { return Ok(None) };
    let Some(used) = used(session, now()) else { return Ok(None) };
    // One that was ended meanwhile is not there, and must not come back.
    let still = Given::Number("version", session.version.into());
    let lasts = used.ends_at.seconds() - now().seconds();
    Ok(write(table, &used, still).await?.then_some(lasts))
}

/// The session as it is once it is used at a time, if that is worth writing.
fn used(session: &SessionRecord, at: Time) -> Option<SessionRecord> {
    let fresh = session.seen_at.is_some_and(|seen| seen.plus_seconds(SEEN_SECONDS) > at);
    if fresh && session.version == SessionRecord::VERSION {
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
pub async fn end(table: &Table, viewer: &Viewer) -> Result<(), Failure> {
    match viewer.session() {
        Some(session) => end_one(table, session).await,
        None => Ok(()),
    }
}

/// Ends a session. What is open with it is closed by who hears of the row's end.
pub(super) async fn end_one(table: &Table, session: &SessionRecord) -> Result<(), Failure> {
    let mut keys = vec![SessionRecord::key(&session.hash)];
    if let Holder::Account { account } = &session.holder {
        keys.push(SessionRecord::listed_key(account, session.created_at, &session.hash));
    }
    table.delete_together(&keys).await
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
    fn a_session_that_is_used_lasts_but_not_for_ever() {
        assert_eq!(used(&session(0, 0), Time(SEEN_SECONDS * 1000 - 1)), None);
        let later = used(&session(0, 0), Time(SEEN_SECONDS * 1000)).expect("a use");
        assert_eq!(later.ends_at, Time((SEEN_SECONDS + SESSION_SECONDS) * 1000));
        let last = used(&session(0, LONGEST_SECONDS - 9000), Time((LONGEST_SECONDS - 8000) * 1000)).expect("a use");
        assert_eq!((last.ends_at, last.ttl), (Time(LONGEST_SECONDS * 1000), LONGEST_SECONDS));
    }

    #[test]
    fn a_session_of_yesterday_is_written_as_todays() {
        let mut old = session(0, 0);
        old.version = 2;
        old.seen_at = None;
        assert_eq!(used(&old, Time(1)).map(|used| used.version), Some(SessionRecord::VERSION));
    }

    #[test]
    fn a_cookie_may_name_its_account() {
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
    fn a_time_zone_is_a_name_and_nothing_else() {
        for zone in ["Europe/Berlin", "America/Argentina/ComodRivadavia", "Etc/GMT+1", "UTC"] {
            assert!(is_zone(zone), "{zone}");
        }
        for bad in ["", "<b>", "a b", "é", &"a".repeat(49)] {
            assert!(!is_zone(bad), "{bad}");
        }
    }
}
