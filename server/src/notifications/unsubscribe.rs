//! Unsubscribing from mails: by a link in them, without a session, or on the account page. Security mails can only be turned off on the
//! page: an old mail in the wrong hands must not silence new ones.

use super::outbox::{self, To};
use super::records::StoppedRecord;
use crate::accounts::Viewer;
use crate::aws::table::{Condition, Key, Row, Table, keys};
use crate::error::AppError;
use crate::signing_keys::LinkSigner;
use crate::{now, secrets};
use model::notifications::{Choice, Notification, NotificationKind};
use model::user_error::UserError;
use serde::Deserialize;

/// How long mails with codes stay turned off. Without an account, the owner of the address could not turn them on again to sign up.
const CODES_STOPPED_SECONDS: i64 = 30 * 86_400;

/// Page size: more than there are kinds of mails.
const PAGE: i32 = 20;

/// Mails of one kind to one address, and the link that unsubscribes from them.
///
/// The link is valid as long as its signing key, which is a month at least (RFC 8058 requires no less).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    kind: NotificationKind,
    email_hash: String,
}

impl Subscription {
    /// Mails of a kind to an address; `None` for kinds that are not sent by mail.
    pub fn of(kind: NotificationKind, email: &str) -> Option<Self> {
        kind.is_by_mail().then(|| Self {
            kind,
            email_hash: secrets::hashed(email),
        })
    }

    /// Mails of each kind to an address.
    pub fn all_of(email: &str) -> impl Iterator<Item = Self> {
        NotificationKind::BY_MAIL.into_iter().filter_map(|kind| Self::of(kind, email))
    }

    /// Path and query of the link; `None` for security mails.
    pub fn path(&self, signer: &LinkSigner) -> Option<String> {
        let notice = self.notice();
        let path = || format!("/stop?notice={notice}&proof={}", signer.sign(&signed_text(&notice)));
        (!self.kind.is_guard()).then(path)
    }

    /// Parses a link and verifies its signature.
    ///
    /// # Errors
    /// [`UserError::NotByLink`] for security mails, as older ones have links. [`UserError::BrokenLink`] for anything else.
    pub fn read(signer: &LinkSigner, notice: &str, proof: &str) -> Result<Self, UserError> {
        let (kind, email_hash) = notice.split_once('.').ok_or(UserError::BrokenLink)?;
        let kind = NotificationKind::BY_MAIL.into_iter().find(|known| known.name() == kind);
        let signed = signer.verifies(&signed_text(notice), proof);
        let kind = kind.filter(|_| signed).ok_or(UserError::BrokenLink)?;
        let subscription = Self {
            kind,
            email_hash: email_hash.to_owned(),
        };
        (!kind.is_guard()).then_some(subscription).ok_or(UserError::NotByLink)
    }

    /// Turns off mails of the kind.
    pub async fn unsubscribe(&self, table: &Table) -> Result<(), AppError> {
        let record = StoppedRecord::since(now());
        let row = self.row(&record, Condition::Anything);
        table.put_with_retries(row).await.map(drop)
    }

    /// As [`Subscription::unsubscribe`], and sends a last mail about it.
    async fn unsubscribe_and_notify(&self, table: &Table, to: &To) -> Result<(), AppError> {
        let record = StoppedRecord::since(now());
        let notice = outbox::transact_enqueue(table, to, Notification::MailsStopped { kind: self.kind })?;
        let stopped = table.transact_put(self.row(&record, Condition::Absent))?;
        // The condition fails if a concurrent request has turned them off: it also sends the mail.
        table.transact_write_with_retries(vec![stopped, notice]).await.map(drop)
    }

    fn row<'a>(&self, record: &'a StoppedRecord, condition: Condition<'a>) -> Row<'a, StoppedRecord> {
        Row {
            key: self.key(),
            item: record,
            condition,
        }
    }

    fn key(&self) -> Key {
        StoppedRecord::key(&self.email_hash, self.kind)
    }

    /// Whether mails of the kind are on.
    pub async fn choice(&self, table: &Table) -> Result<Choice, AppError> {
        let stopped: Option<StoppedRecord> = table.get(&self.key()).await?;
        Ok(self.choice_by(stopped.as_ref()))
    }

    fn choice_by(&self, stopped: Option<&StoppedRecord>) -> Choice {
        Choice {
            kind: self.kind,
            on: stopped.is_none_or(|stopped| self.has_expired(stopped)),
        }
    }

    /// Turns on mails of the kind again.
    pub async fn resubscribe(&self, table: &Table) -> Result<(), AppError> {
        table.delete_returning::<StoppedRecord>(&self.key()).await.map(drop)
    }

    /// Whether the unsubscription has expired.
    fn has_expired(&self, stopped: &StoppedRecord) -> bool {
        self.kind == NotificationKind::Code && now() > stopped.at.plus_seconds(CODES_STOPPED_SECONDS)
    }

    fn notice(&self) -> String {
        format!("{}.{}", self.kind.name(), self.email_hash)
    }
}

/// The signed text names its purpose, so that signatures of other links are not accepted.
fn signed_text(notice: &str) -> String {
    format!("stop:{notice}")
}

/// A row of a query.
#[derive(Deserialize)]
struct Listed {
    sk: String,
    #[serde(flatten)]
    record: StoppedRecord,
}

/// The kinds of mails that the viewer can turn off, and whether they are on.
pub async fn choices(table: &Table, viewer: &Viewer) -> Result<Vec<Choice>, AppError> {
    let email = &viewer.signed_in()?.account.email;
    let pk = keys::address_partition(&secrets::hashed(email));
    let listed = table.with_prefix::<Listed>(&pk, keys::STOPPED_PREFIX, PAGE).await?.items;
    let choices = Subscription::all_of(email).map(|subscription| {
        let sk = subscription.key().sk;
        subscription.choice_by(listed.iter().find(|row| row.sk == sk).map(|row| &row.record))
    });
    Ok(choices.collect())
}

/// Turns mails of a kind on or off. Turning off security mails sends a last one, as somebody else may use a browser that was left open.
///
/// # Errors
/// [`UserError::Malformed`] for a kind that is not sent by mail.
pub async fn choose(table: &Table, viewer: &Viewer, kind: NotificationKind, on: bool) -> Result<(), AppError> {
    let account = &viewer.signed_in()?.account;
    let subscription = Subscription::of(kind, &account.email).ok_or(UserError::Malformed)?;
    match (on, kind.is_guard()) {
        (true, _) => subscription.resubscribe(table).await,
        (false, false) => subscription.unsubscribe(table).await,
        (false, true) if subscription.choice(table).await?.on => {
            subscription
                .unsubscribe_and_notify(table, &To::Account(account.id.clone()))
                .await
        }
        (false, true) => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn signer() -> LinkSigner {
        let ring = r#"{"media_keys": [], "link_keys": [{"id": "1", "key": "a"}], "owner_code": ""}"#;
        LinkSigner::new(&serde_json::from_str(ring).unwrap()).unwrap()
    }

    #[test]
    fn links_stop_one_kind_and_no_security_mails() {
        let signer = signer();
        for subscription in Subscription::all_of("ada@example.org") {
            let notice = subscription.notice();
            let proof = signer.sign(&signed_text(&notice));
            let read = Subscription::read(&signer, &notice, &proof);
            if subscription.kind.is_guard() {
                assert_eq!((subscription.path(&signer), read), (None, Err(UserError::NotByLink)));
            } else {
                assert_eq!(
                    subscription.path(&signer),
                    Some(format!("/stop?notice={notice}&proof={proof}"))
                );
                assert_eq!(read, Ok(subscription));
            }
            assert_eq!(Subscription::read(&signer, &notice, "1-A"), Err(UserError::BrokenLink));
        }
    }
}
