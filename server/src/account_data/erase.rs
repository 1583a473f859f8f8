//! Deletes an account: first what users can see of it, then what that leaves behind, at last what was still being written.
//!
//! Each step is idempotent, and does nothing to an account whose deletion was not requested.

use super::records::{AccountDeletionRecord, LeftoverRecord, REMEMBERED_SECONDS};
use super::{HandlerContext, Progress, TIME_BUDGET};
use crate::accounts::codes::{self, Purpose};
use crate::accounts::email::Email;
use crate::accounts::identities::IdentityRecord;
use crate::accounts::records::{AccountRecord, AdmissionRecord, SessionRecord};
use crate::accounts::{invitation, sessions};
use crate::aws::exports::Exports;
use crate::aws::sockets::Sockets;
use crate::aws::table::{Condition, Key, Page, Row, Table, keys};
use crate::error::AppError;
use crate::live::records::SocketRecord;
use crate::notifications::outbox::{self, To};
use crate::notifications::unsubscribe::Subscription;
use crate::now;
use crate::photos::quota::UsageRecord;
use crate::photos::records::{PhotoRecord, originals_folder};
use crate::photos::timeline::PAGE;
use crate::photos::trash::{purge_one, renditions};
use crate::stream::sidecar;
use model::ids::AccountId;
use model::live::Channel;
use model::notifications::Notification;
use serde::Deserialize;
use std::time::Instant;
use tracing::info;

/// Rows of a page of a partition.
const PAGE_ROWS: i32 = 100;

/// Deletes the user in the pool, the sessions, the photos and the rows.
pub async fn erase(context: &HandlerContext, account: &AccountId) -> Result<Progress, AppError> {
    let Some(deletion) = deletion_record(context, account).await? else {
        return Ok(Progress::DONE);
    };
    // The user first: once the account's row is deleted, a sign-in would create it again.
    context.identity.revoke_tokens(account).await?;
    context.identity.delete(account.as_str()).await?;
    sessions::end_all_but(&context.table, account, None).await?;
    if erase_photos(context, account).await? == Progress::MORE {
        return Ok(Progress::MORE);
    }
    erase_by_address(context, &deletion).await?;
    for purpose in [Purpose::Address, Purpose::Phone] {
        codes::cancel(&context.table, purpose, account.as_str()).await?;
    }
    context.table.delete(&AccountRecord::person_key(account)).await?;
    context.table.delete(&UsageRecord::key(account)).await?;
    erase_account_rows(context, account).await?;
    erase_partition(&context.table, &keys::library_partition(account)).await?;
    info!(%account, "erased");
    Ok(Progress::DONE)
}

async fn deletion_record(context: &HandlerContext, account: &AccountId) -> Result<Option<AccountDeletionRecord>, AppError> {
    context.table.get(&AccountDeletionRecord::key(account)).await
}

async fn erase_photos(context: &HandlerContext, account: &AccountId) -> Result<Progress, AppError> {
    let deadline = Instant::now() + TIME_BUDGET;
    for pk in [
        keys::library_partition(account),
        keys::archive_partition(account),
        keys::trash_partition(account),
    ] {
        let mut before = None;
        loop {
            let page: Page<PhotoRecord> = context.table.timeline(&pk, before.as_deref(), PAGE).await?;
            for photo in &page.items {
                if Instant::now() > deadline || !erase_photo(context, account, photo).await? {
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

/// `false` if it was being written concurrently.
async fn erase_photo(context: &HandlerContext, account: &AccountId, listed: &PhotoRecord) -> Result<bool, AppError> {
    let key = PhotoRecord::key(&listed.id);
    // The index is eventually consistent.
    let Some(photo) = context.table.get::<PhotoRecord>(&key).await? else {
        return Ok(true);
    };
    remember_leftovers(context, account, &key.pk).await?;
    let purged = purge_one(&context.table, &context.originals, &context.media, &photo).await?;
    Ok(purged.is_written())
}

/// Records that objects of a partition may be left in the buckets after its rows are deleted.
async fn remember_leftovers(context: &HandlerContext, account: &AccountId, pk: &str) -> Result<(), AppError> {
    let leftover = LeftoverRecord {
        version: LeftoverRecord::VERSION,
        of: pk.to_owned(),
        ttl: now().plus_seconds(REMEMBERED_SECONDS).seconds(),
    };
    let row = Row {
        key: LeftoverRecord::key(account, pk),
        item: &leftover,
        condition: Condition::Anything,
    };
    context.table.put_with_retries(row).await.map(drop)
}

/// Deletes all rows of an account's own partition, each in one transaction with its counterpart in another partition: a concurrent
/// request may have written both after rows of that kind were deleted.
///
/// # Errors
/// When the table or the user pool cannot be reached; a retry continues.
pub async fn erase_account_rows(context: &HandlerContext, account: &AccountId) -> Result<(), AppError> {
    erase_rows(&context.table, &keys::account_partition(account), async |row| {
        let Some(hash) = row.sk.strip_prefix(keys::IDENTITY_PREFIX) else {
            return Ok(());
        };
        // Cognito's user of the provider is deleted now, the sidecar later.
        if let Some(username) = &row.username {
            context.identity.delete(username).await?;
        }
        remember_leftovers(context, account, &IdentityRecord::key(hash).pk).await
    })
    .await
}

/// Deletes a library's channel: its messages, and the sockets that subscribe to it. Those are also closed: once their rows are deleted,
/// `broadcast` cannot find them by their session.
///
/// # Errors
/// When the table or the socket API cannot be reached; a retry continues.
pub async fn erase_channel(table: &Table, sockets: &Sockets, account: &AccountId) -> Result<(), AppError> {
    let pk = keys::channel_partition(&Channel::Library(account.clone()));
    erase_rows(table, &pk, async |row| match row.sk.strip_prefix(keys::SOCKET_PREFIX) {
        Some(connection) => sockets.close(connection).await,
        None => Ok(()),
    })
    .await
}

/// Deletes what is stored by the address: mail preferences, an admission, codes; and the invitations by the account.
async fn erase_by_address(context: &HandlerContext, deletion: &AccountDeletionRecord) -> Result<(), AppError> {
    for subscription in Subscription::all_of(&deletion.email) {
        subscription.resubscribe(&context.table).await?;
    }
    if let Ok(email) = Email::parse(&deletion.email) {
        context.table.delete(&AdmissionRecord::key(&email.hash())).await?;
        for purpose in [Purpose::SignUp, Purpose::Password] {
            codes::cancel(&context.table, purpose, &email.hash()).await?;
        }
        remember_leftovers(context, &deletion.account, &keys::address_partition(&email.hash())).await?;
    }
    invitation::revoke_all_by(&context.table, &deletion.account).await
}

async fn erase_partition(table: &Table, pk: &str) -> Result<(), AppError> {
    erase_rows(table, pk, async |_| Ok(())).await
}

/// Deletes all rows of a partition, each with its counterparts, after calling `before_each`.
async fn erase_rows(
    table: &Table,
    pk: &str,
    before_each: impl AsyncFn(&FoundRow) -> Result<(), AppError>,
) -> Result<(), AppError> {
    loop {
        let page: Page<FoundRow> = table.range(pk, "!", "~", PAGE_ROWS).await?;
        for row in &page.items {
            before_each(row).await?;
            table.transact_delete_all(&row.keys()).await?;
        }
        if !page.more {
            return Ok(());
        }
    }
}

/// A row to erase, with what its counterparts are found by.
#[derive(Debug, Deserialize)]
struct FoundRow {
    pk: String,
    sk: String,
    /// For a socket: the hash of its session.
    #[serde(default)]
    session: Option<String>,
    /// For a linked identity: the username in the user pool.
    #[serde(default)]
    username: Option<String>,
}

impl FoundRow {
    /// Its own key, and those of the rows in other partitions that are written and deleted with it.
    fn keys(&self) -> Vec<Key> {
        let mut all = vec![Key::new(&self.pk, &self.sk)];
        let after = |prefix: &str| self.sk.strip_prefix(prefix);
        if let Some((_, hash)) = after(keys::SESSION_PREFIX).and_then(|rest| rest.split_once('#')) {
            all.push(SessionRecord::key(hash));
        } else if let Some(hash) = after(keys::IDENTITY_PREFIX) {
            all.push(IdentityRecord::key(hash));
        } else if let Some(connection) = after(keys::SOCKET_PREFIX) {
            all.push(SocketRecord::key(connection));
            let session = self.session.iter();
            all.extend(session.map(|session| SocketRecord::session_key(session, connection)));
        }
        all
    }
}

/// Deletes what concurrent work may have written after the rows were deleted: uploads, renditions, sidecars of the last changes,
/// messages; and exports.
pub async fn settle(context: &HandlerContext, account: &AccountId) -> Result<Progress, AppError> {
    if deletion_record(context, account).await?.is_none() {
        return Ok(Progress::DONE);
    }
    let folder = originals_folder(account);
    context.originals.abort_multipart_under(&folder).await?;
    context.originals.purge_under(&folder).await?;
    context.media.remove_all(&Exports::folder(account)).await?;
    context
        .originals
        .purge_under(&sidecar::folder(&keys::account_partition(account)))
        .await?;
    let person = AccountRecord::person_key(account);
    context.originals.purge_under(&sidecar::key(&person.pk, &person.sk)).await?;
    // The stream handler has updated the library's counts by month meanwhile.
    erase_partition(&context.table, &keys::library_partition(account)).await?;
    erase_channel(&context.table, &context.sockets, account).await?;
    settle_leftovers(context, account).await
}

async fn settle_leftovers(context: &HandlerContext, account: &AccountId) -> Result<Progress, AppError> {
    let deadline = Instant::now() + TIME_BUDGET;
    let pk = keys::account_deletion_partition(account);
    loop {
        let page: Page<LeftoverRecord> = context.table.with_prefix(&pk, keys::LEFTOVER_PREFIX, PAGE_ROWS).await?;
        for leftover in &page.items {
            if Instant::now() > deadline {
                return Ok(Progress::MORE);
            }
            context.originals.purge_under(&sidecar::folder(&leftover.of)).await?;
            if let Some(photo) = leftover.of.strip_prefix(keys::PHOTO_PREFIX).and_then(|id| id.parse().ok()) {
                context.media.remove_all(&renditions(&photo)).await?;
            }
            context.table.delete(&LeftoverRecord::key(account, &leftover.of)).await?;
        }
        if !page.more {
            return Ok(Progress::DONE);
        }
    }
}

/// Ends the deletion: sends the receipt and deletes the row of the deletion.
pub async fn close(context: &HandlerContext, account: &AccountId) -> Result<(), AppError> {
    let Some(deletion) = deletion_record(context, account).await? else {
        return Ok(());
    };
    let to = To::Address { email: deletion.email };
    let notification = outbox::transact_enqueue(&context.table, &to, Notification::AccountDeleted)?;
    let delete = context.table.transact_delete(&AccountDeletionRecord::key(account))?;
    // No condition can fail. A concurrent call that conflicts does the same, and a retry would send a second receipt.
    context.table.transact_write(vec![notification, delete]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(pk: &str, sk: &str, session: Option<&str>) -> Vec<String> {
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
        for (pk, sk, session, counterparts) in [
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
            let all: Vec<&str> = [own.as_str()].into_iter().chain(counterparts).collect();
            assert_eq!(keys(pk, sk, session), all);
        }
    }
}
