//! An account is deleted: what people see of it first, then what that leaves behind, at last what was on its way.
//!
//! Each step can be done again at any time, and does nothing to an account that did not ask for it.

use super::records::{LeavingRecord, LeftoverRecord, REMEMBERED_SECONDS};
use super::{Here, Progress, WORKS};
use crate::accounts::codes::{self, Purpose};
use crate::accounts::identities::{self, IdentityRecord};
use crate::accounts::records::{AccountRecord, AdmissionRecord};
use crate::accounts::sign_up::Email;
use crate::accounts::{invitation, sessions};
use crate::aws::exports::Exports;
use crate::aws::table::{Given, Key, Page, Row};
use crate::changes::sidecar;
use crate::failure::Failure;
use crate::live::records::channel_pk;
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
    erase_links(here, account).await?;
    erase_by_address(here, &leaving).await?;
    for purpose in [Purpose::Address, Purpose::Phone] {
        codes::give_up(&here.table, purpose, account.as_str()).await?;
    }
    here.table.forget(&AccountRecord::person_key(account)).await?;
    here.table.forget(&UsageRecord::key(account)).await?;
    erase_partition(here, &format!("ACCOUNT#{account}")).await?;
    erase_partition(here, &PhotoRecord::timeline_pk(account)).await?;
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

async fn erase_links(here: &Here, account: &AccountId) -> Result<(), Failure> {
    loop {
        let links = identities::listed(&here.table, account).await?;
        if links.is_empty() {
            return Ok(());
        }
        for link in links {
            if let Some(username) = &link.username {
                here.identity.delete(username).await?;
            }
            remember(here, account, &IdentityRecord::key(&link.hash).pk).await?;
            identities::unlink(&here.table, account, &link.hash).await?;
        }
    }
}

/// What stands by the address: choices, an admission; and invitations that the account gave.
async fn erase_by_address(here: &Here, leaving: &LeavingRecord) -> Result<(), Failure> {
    for stop in Stop::all_of(&leaving.email) {
        stop.resume(&here.table).await?;
    }
    if let Ok(email) = Email::parse(&leaving.email) {
        here.table.forget(&AdmissionRecord::key(&email.hash())).await?;
        remember(here, &leaving.account, &format!("ADDRESS#{}", email.hash())).await?;
    }
    invitation::withdraw_all_by(&here.table, &leaving.account).await
}

async fn erase_partition(here: &Here, pk: &str) -> Result<(), Failure> {
    loop {
        let page: Page<Key> = here.table.between(pk, "!", "~", ROWS).await?;
        for key in &page.items {
            here.table.forget(key).await?;
        }
        if !page.more {
            return Ok(());
        }
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
    erase_partition(here, &channel_pk(&Channel::Library(account.clone()))).await?;
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
