//! The data of an account other than its photos, for its export. It contains no secrets or hashes of them.

use super::HandlerContext;
use crate::accounts::records::{AccountRecord, RecoveryRecord};
use crate::accounts::{identities, sessions};
use crate::error::AppError;
use crate::notifications::records::PhoneRecord;
use crate::notifications::unsubscribe::Subscription;
use crate::photos::quota;
use model::accounts::{Device, Group, Linked, Usage};
use model::ids::AccountId;
use model::notifications::{Choice, NotificationKind};
use model::time::Time;
use serde::Serialize;
use std::collections::BTreeSet;

/// An account and its related data.
#[derive(Debug, Serialize)]
pub struct Inventory {
    account: AccountId,
    email: String,
    created_at: Time,
    groups: BTreeSet<Group>,
    usage: Usage,
    second_step: bool,
    signed_in: Vec<SignedIn>,
    providers: Vec<Linked>,
    phone: Option<Phone>,
    mails: Vec<Choice>,
}

/// A session of the account.
#[derive(Debug, Serialize)]
struct SignedIn {
    device: Device,
    zone: Option<String>,
    created_at: Time,
    seen_at: Option<Time>,
}

/// Its phone, and which notifications are sent there.
#[derive(Debug, Serialize)]
struct Phone {
    number: String,
    kinds: BTreeSet<NotificationKind>,
}

/// Reads the inventory of an account.
pub async fn of(context: &HandlerContext, account: &AccountRecord) -> Result<Inventory, AppError> {
    let table = &context.table;
    let sessions = sessions::listed(table, &account.id).await?.items.into_iter();
    let phone: Option<PhoneRecord> = table.get(&PhoneRecord::key(&account.id)).await?;
    let recovery: Option<RecoveryRecord> = table.get(&RecoveryRecord::key(&account.id)).await?;
    let mut mails = vec![];
    for subscription in Subscription::all_of(&account.email) {
        mails.push(subscription.choice(table).await?);
    }
    Ok(Inventory {
        account: account.id.clone(),
        email: account.email.clone(),
        created_at: account.created_at,
        groups: account.groups.clone(),
        usage: quota::usage(table, &account.id).await?,
        second_step: recovery.is_some(),
        signed_in: sessions
            .map(|session| SignedIn {
                device: session.device,
                zone: session.zone,
                created_at: session.created_at,
                seen_at: session.seen_at,
            })
            .collect(),
        providers: identities::linked(table, &account.id).await?,
        phone: phone.map(|phone| Phone {
            number: phone.number,
            kinds: phone.kinds,
        }),
        mails,
    })
}
