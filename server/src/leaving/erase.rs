//! An account is deleted: what people see of it first, then what that leaves behind, at last what was on its way.
//!
//! Each step can be done again at any time, and does nothing to an account that did not ask for it.

use super::records::{LeavingRecord, LeftoverRecord, REMEMBERED_SECONDS};
use super::{Here, Progress, WORKS};
use crate::accounts::codes::{self, Purpose};
use crate::accounts::identities::IdentityRecord;
use crate::accounts::records::{AccountRecord, AdmissionRecord, SessionRecord};
use crate::accounts::sign_up::Email;
use crate::accounts::{invitation, sessions};
use crate::aws::exports::Exports;
use crate::aws::sockets::Sockets;
use crate::aws::table::{Given, Key, Page, Row, Table};
use crate::changes::sidecar;
use crate::failure::Failure;
use crate::live::records::{SocketRecord, channel_pk};
use crate::notices::outbox::{self, To};
use crate::notices::stop::Stop;
use crate::now;
use crate::photos::records::{PhotoRecord, originals_folder};
use crate::photos::timeline::PAGE;
use crate::photos::trash::{purge_one, renditions};
use crate::photos::usage::UsageRecord;
use model::ids::AccountId;
use model::live::Channel;
use model::notices::Notice;
use serde::Deserialize;
use std::time::Instant;
use tracing::info;

/// Rows of a partition that are read at once.
const ROWS: i32 = 100;

/// Deletes the way in, the photos and the rows.
pub async fn erase(here: &Here, account: &AccountId) -> Result<Progress, Failure> {
    let Some(leaving) = leaving(here, account).await? else {
        return Ok(Progress::DONE);
    };
    // The user first: with the account's row gone, one who signs in would make it anew.
    here.identity.end_programs(account).await?;
    here.identity.delete(account.as_str()).await?;
    sessions::end_all_but(&here.table, account, None).await?;
    if erase_photos(here, account).await? == Progress::MORE {
        return Ok(Progress::MORE);
    }
    erase_by_address(here, &leaving).await?;
    for purpose in [Purpose::Address, Purpose::Phone] {
        codes::give_up(&here.table, purpose, account.as_str()).await?;
    }
    here.table.forget(&AccountRecord::person_key(account)).await?;
    here.table.forget(&UsageRecord::key(account)).await?;
    erase_account_rows(here, account).await?;
    erase_partition(&here.table, &PhotoRecord::timeline_pk(account)).await?;
    info!(%account, "erased");
    Ok(Progress::DONE)
}

async fn leaving(here: &Here, account: &AccountId) -> Result<Option<LeavingRecord>, Failure> {
    here.table.get(&LeavingRecord::key(account)).await
}

async fn erase_photos(here: &Here, account: &AccountId) -> Result<Progress, Failure> {
    let until = Instant::now() + WORKS;
    for pk in [
        PhotoRecord::timeline_pk(account),
        PhotoRecord::archive_pk(account),
        PhotoRecord::trash_pk(account),
    ] {
        let mut before = None;
        loop {
            let page: Page<PhotoRecord> = here.table.timeline(&pk, before.as_deref(), PAGE).await?;
            for photo in &page.items {
                if Instant::now() > until || !erase_photo(here, account, photo).await? {
                    return Ok(Progress::MORE);
                }
            }
            before = page.items.last().map(|photo| photo.timeline_sk.clone());
            if !page.more {
                break;
            }
        }
    }
    Ok(Progress::DONE)
}

/// `false` where it was being written at the same moment.
async fn erase_photo(here: &Here, account: &AccountId, listed: &PhotoRecord) -> Result<bool, Failure> {
    let key = PhotoRecord::key(&listed.id);
    // The index may lag.
    let Some(photo) = here.table.get::<PhotoRecord>(&key).await? else {
        return Ok(true);
    };
    remember(here, account, &key.pk).await?;
    purge_one(&here.table, &here.originals, &here.media, &photo).await
}

/// Notes what will have to be looked for in the buckets when the rows are gone.
async fn remember(here: &Here, account: &AccountId, pk: &str) -> Result<(), Failure> {
    let leftover = LeftoverRecord {
        version: LeftoverRecord::VERSION,
        of: pk.to_owned(),
        ttl: now().plus_seconds(REMEMBERED_SECONDS).seconds(),
    };
    let row = Row {
        key: LeftoverRecord::key(account, pk),
        item: &leftover,
        given: Given::Anything,
    };
    here.table.put(row).await.map(drop)
}

/// Deletes all rows of an account's own partition, each together with the row elsewhere that stands for the same thing: a
/// request that was under way may have written both after its kind was looked through.
///
/// # Errors
/// When the table or the user pool cannot be reached; done again, it goes on.
pub async fn erase_account_rows(here: &Here, account: &AccountId) -> Result<(), Failure> {
    erase_rows(&here.table, &format!("ACCOUNT#{account}"), async |row| {
        let Some(hash) = row.sk.strip_prefix("IDENTITY#") else {
            return Ok(());
        };
        // Cognito's own user for it goes, too, and its sidecar is looked for later.
        if let Some(username) = &row.username {
            here.identity.delete(username).await?;
        }
        remember(here, account, &IdentityRecord::key(hash).pk).await
    })
    .await
}

/// Deletes a library's channel: its messages, and the sockets that follow it. Those are closed here, too: once their rows are
/// deleted, `broadcast` does not find them by a session that ended.
///
/// # Errors
/// When the table or the socket API cannot be reached; done again, it goes on.
pub async fn erase_channel(table: &Table, sockets: &Sockets, account: &AccountId) -> Result<(), Failure> {
    let pk = channel_pk(&Channel::Library(account.clone()));
    erase_rows(table, &pk, async |row| match row.sk.strip_prefix("SOCKET#") {
        Some(connection) => sockets.close(connection).await,
        None => Ok(()),
    })
    .await
}

/// What stands by the address: choices, an admission; and invitations that the account gave.
async fn erase_by_address(here: &Here, leaving: &LeavingRecord) -> Result<(), Failure> {
    for stop in Stop::all_of(&leaving.email) {
        stop.resume(&here.table).await?;
    }
    if let Ok(email) = Email::parse(&leaving.email) {
        here.table.forget(&AdmissionRecord::key(&email.hash())).await?;
        for purpose in [Purpose::SignUp, Purpose::Password] {
            codes::give_up(&here.table, purpose, &email.hash()).await?;
        }
        remember(here, &leaving.account, &format!("ADDRESS#{}", email.hash())).await?;
    }
    invitation::withdraw_all_by(&here.table, &leaving.account).await
}

async fn erase_partition(table: &Table, pk: &str) -> Result<(), Failure> {
    erase_rows(table, pk, async |_| Ok(())).await
}

/// Deletes all rows of a partition, each with its counterparts, after what has to be done first.
async fn erase_rows(table: &Table, pk: &str, first: impl AsyncFn(&FoundRow) -> Result<(), Failure>) -> Result<(), Failure> {
    loop {
        let page: Page<FoundRow> = table.between(pk, "!", "~", ROWS).await?;
        for row in &page.items {
            first(row).await?;
            table.delete_together(&row.keys()).await?;
        }
        if !page.more {
            return Ok(());
        }
    }
}

/// A row of a partition that is erased, with what its counterparts are found by.
#[derive(Debug, Deserialize)]
struct FoundRow {
    pk: String,
    sk: String,
    /// Of a socket: hash of its session.
    #[serde(default)]
    session: Option<String>,
    /// Of a link: what the user pool calls the provider's user.
    #[serde(default)]
    username: Option<String>,
}

impl FoundRow {
    /// Its own place, and those of the rows outside its partition that are written and deleted with it.
    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key::new(&self.pk, &self.sk)];
        match self.sk.split('#').collect::<Vec<_>>()[..] {
            ["SESSION", _, hash] => keys.push(SessionRecord::key(hash)),
            ["IDENTITY", hash] => keys.push(IdentityRecord::key(hash)),
            ["SOCKET", connection] => {
                keys.push(SocketRecord::key(connection));
                keys.extend(
                    self.session
                        .iter()
                        .map(|session| SocketRecord::session_key(session, connection)),
                );
            }
            _ => {}
        }
        keys
    }
}

/// Deletes what may have come after its row went: originals and renditions that were on their way, sidecars of the last
/// changes, messages; and exports.
pub async fn settle(here: &Here, account: &AccountId) -> Result<Progress, Failure> {
    if leaving(here, account).await?.is_none() {
        return Ok(Progress::DONE);
    }
    let folder = originals_folder(account);
    here.originals.throw_away_under(&folder).await?;
    here.originals.purge_under(&folder).await?;
    here.media.remove_all(&Exports::folder(account)).await?;
    here.originals
        .purge_under(&sidecar::folder(&format!("ACCOUNT#{account}")))
        .await?;
    let person = AccountRecord::person_key(account);
    here.originals.purge_under(&sidecar::key(&person.pk, &person.sk)).await?;
    // The stream counts a photo's last changes in the library's months.
    erase_partition(&here.table, &PhotoRecord::timeline_pk(account)).await?;
    erase_channel(&here.table, &here.sockets, account).await?;
    settle_leftovers(here, account).await
}

async fn settle_leftovers(here: &Here, account: &AccountId) -> Result<Progress, Failure> {
    let until = Instant::now() + WORKS;
    loop {
        let pk = LeavingRecord::key(account).pk;
        let page: Page<LeftoverRecord> = here.table.between(&pk, "REST#", "REST#~", ROWS).await?;
        for leftover in &page.items {
            if Instant::now() > until {
                return Ok(Progress::MORE);
            }
            here.originals.purge_under(&sidecar::folder(&leftover.of)).await?;
            if let Some(photo) = leftover.of.strip_prefix("PHOTO#").and_then(|id| id.parse().ok()) {
                here.media.remove_all(&renditions(&photo)).await?;
            }
            here.table.forget(&LeftoverRecord::key(account, &leftover.of)).await?;
        }
        if !page.more {
            return Ok(Progress::DONE);
        }
    }
}

/// Nothing is left: whose it was is told, and that is forgotten, too.
pub async fn close(here: &Here, account: &AccountId) -> Result<(), Failure> {
    let Some(leaving) = leaving(here, account).await? else {
        return Ok(());
    };
    let to = To::Address { email: leaving.email };
    let told = outbox::asked(&here.table, &to, Notice::AccountDeleted)?;
    let gone = here.table.away(&LeavingRecord::key(account))?;
    // Another who closes it at this moment does the same.
    here.table.put_together(vec![told, gone]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(pk: &str, sk: &str, session: Option<&str>) -> Vec<String> {
        let row = FoundRow {
            pk: pk.into(),
            sk: sk.into(),
            session: session.map(Into::into),
            username: None,
        };
        row.keys().iter().map(|key| format!("{} {}", key.pk, key.sk)).collect()
    }

    #[test]
    fn a_row_is_erased_with_its_counterparts() {
        for (pk, sk, session, others) in [
            (
                "ACCOUNT#a",
                "SESSION#000000000000001#h_-h",
                None,
                vec!["SESSION#h_-h SESSION"],
            ),
            ("ACCOUNT#a", "IDENTITY#h", None, vec!["IDENTITY#h IDENTITY"]),
            (
                "CHANNEL#c",
                "SOCKET#o=",
                Some("h"),
                vec!["SOCKET#o= SOCKET", "SESSION#h SOCKET#o="],
            ),
            ("CHANNEL#c", "SOCKET#o=", None, vec!["SOCKET#o= SOCKET"]),
            ("CHANNEL#c", "COUNTER", None, vec![]),
            ("LIBRARY#a", "HASH#00", None, vec![]),
        ] {
            let own = format!("{pk} {sk}");
            let all: Vec<&str> = [own.as_str()].into_iter().chain(others).collect();
            assert_eq!(places(pk, sk, session), all);
        }
    }
}
