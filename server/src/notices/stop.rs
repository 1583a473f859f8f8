//! Mails that somebody does not want: by a link in them, without signing in, or on the account's page. What guards an account is
//! stopped on its page alone: an old mail in strange hands must not silence what its new mails would tell.

use super::outbox::{self, To};
use super::records::StoppedRecord;
use crate::accounts::Viewer;
use crate::aws::table::{Given, Key, Row, Table};
use crate::failure::Failure;
use crate::keys::LinkSigner;
use crate::{now, secrets};
use model::notices::{Choice, Notice, NoticeKind};
use model::refusals::Refusal;
use serde::Deserialize;

/// How long codes stay away. An address may belong to somebody who wants an account later, and who could not turn them on again.
const CODES_STAY_AWAY_SECONDS: i64 = 30 * 86_400;

/// Kinds of an address that are read at once: more than there are.
const MOST: i32 = 20;

/// What a mail's link stops: one kind of mail to one address.
///
/// The link is good for as long as the key that signed it, which is a month at least (RFC 8058 asks for no less).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    kind: NoticeKind,
    email_hash: String,
}

impl Stop {
    /// What the link of a mail stops; `None` for what never comes by mail.
    pub fn of(kind: NoticeKind, email: &str) -> Option<Self> {
        kind.is_by_mail().then(|| Self {
            kind,
            email_hash: secrets::hashed(email),
        })
    }

    /// All that an address can stop.
    pub fn all_of(email: &str) -> impl Iterator<Item = Self> {
        NoticeKind::BY_MAIL.into_iter().filter_map(|kind| Self::of(kind, email))
    }

    /// Path and query of the link; `None` for mails that guard an account.
    pub fn path(&self, signer: &LinkSigner) -> Option<String> {
        let notice = self.notice();
        let path = || format!("/stop?notice={notice}&proof={}", signer.sign(&signed_text(&notice)));
        (!self.kind.is_guard()).then(path)
    }

    /// Reads a link that we signed.
    ///
    /// # Errors
    /// [`Refusal::NotByLink`] for mails that guard an account: older ones have such links. [`Refusal::BrokenLink`] for anything else.
    pub fn read(signer: &LinkSigner, notice: &str, proof: &str) -> Result<Self, Refusal> {
        let (kind, email_hash) = notice.split_once('.').ok_or(Refusal::BrokenLink)?;
        let kind = NoticeKind::BY_MAIL.into_iter().find(|known| known.name() == kind);
        let signed = signer.verifies(&signed_text(notice), proof);
        let kind = kind.filter(|_| signed).ok_or(Refusal::BrokenLink)?;
        let stop = Self {
            kind,
            email_hash: email_hash.to_owned(),
        };
        (!kind.is_guard()).then_some(stop).ok_or(Refusal::NotByLink)
    }

    /// No more mails of the kind, from now on.
    pub async fn stop(&self, table: &Table) -> Result<(), Failure> {
        let record = StoppedRecord::since(now());
        table.put(self.row(&record, Given::Anything)).await.map(drop)
    }

    /// As [`Stop::stop`], and says so by a last mail.
    async fn stop_and_tell(&self, table: &Table, to: &To) -> Result<(), Failure> {
        let record = StoppedRecord::since(now());
        let told = outbox::asked(table, to, Notice::MailsStopped { kind: self.kind })?;
        let stopped = table.together(self.row(&record, Given::Absent))?;
        table.put_together(vec![stopped, told]).await.map(drop)
    }

    fn row<'a>(&self, record: &'a StoppedRecord, given: Given<'a>) -> Row<'a, StoppedRecord> {
        Row {
            key: self.key(),
            item: record,
            given,
        }
    }

    fn key(&self) -> Key {
        StoppedRecord::key(&self.email_hash, self.kind)
    }

    /// Whether mails of the kind come, and which it is.
    pub async fn choice(&self, table: &Table) -> Result<Choice, Failure> {
        let stopped: Option<StoppedRecord> = table.get(&self.key()).await?;
        Ok(self.choice_by(stopped.as_ref()))
    }

    fn choice_by(&self, stopped: Option<&StoppedRecord>) -> Choice {
        Choice {
            kind: self.kind,
            on: stopped.is_none_or(|stopped| self.is_over(stopped)),
        }
    }

    /// Mails of the kind come again.
    pub async fn resume(&self, table: &Table) -> Result<(), Failure> {
        table.take::<StoppedRecord>(&self.key()).await.map(drop)
    }

    /// Whether mails of the kind come again by themselves.
    fn is_over(&self, stopped: &StoppedRecord) -> bool {
        self.kind == NoticeKind::Code && now() > stopped.at.plus_seconds(CODES_STAY_AWAY_SECONDS)
    }

    fn notice(&self) -> String {
        format!("{}.{}", self.kind.name(), self.email_hash)
    }
}

/// What is signed says what it is for, so that no other link's proof serves.
fn signed_text(notice: &str) -> String {
    format!("stop:{notice}")
}

/// A row among those of its address.
#[derive(Deserialize)]
struct Listed {
    sk: String,
    #[serde(flatten)]
    record: StoppedRecord,
}

/// Mails that the viewer can stop, and whether they come.
pub async fn choices(table: &Table, viewer: &Viewer) -> Result<Vec<Choice>, Failure> {
    let email = &viewer.signed_in()?.account.email;
    let pk = StoppedRecord::pk(&secrets::hashed(email));
    let listed = table.between::<Listed>(&pk, "STOPPED#", "STOPPED#~", MOST).await?.items;
    let choices = Stop::all_of(email).map(|stop| {
        let sk = stop.key().sk;
        stop.choice_by(listed.iter().find(|row| row.sk == sk).map(|row| &row.record))
    });
    Ok(choices.collect())
}

/// Whether the viewer wants mails of a kind from now on. What guards the account is not turned off unheard: whoever sits at a
/// browser that somebody left open could begin with that.
///
/// # Errors
/// [`Refusal::Malformed`] for a kind that never comes by mail.
pub async fn choose(table: &Table, viewer: &Viewer, kind: NoticeKind, on: bool) -> Result<(), Failure> {
    let account = &viewer.signed_in()?.account;
    let stop = Stop::of(kind, &account.email).ok_or(Refusal::Malformed)?;
    match (on, kind.is_guard()) {
        (true, _) => stop.resume(table).await,
        (false, false) => stop.stop(table).await,
        (false, true) if stop.choice(table).await?.on => stop.stop_and_tell(table, &To::Account(account.id.clone())).await,
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
    fn a_link_stops_what_it_names_and_nothing_that_guards_an_account() {
        let signer = signer();
        for stop in Stop::all_of("ada@example.org") {
            let notice = stop.notice();
            let proof = signer.sign(&signed_text(&notice));
            let read = Stop::read(&signer, &notice, &proof);
            if stop.kind.is_guard() {
                assert_eq!((stop.path(&signer), read), (None, Err(Refusal::NotByLink)));
            } else {
                assert_eq!(stop.path(&signer), Some(format!("/stop?notice={notice}&proof={proof}")));
                assert_eq!(read, Ok(stop));
            }
            assert_eq!(Stop::read(&signer, &notice, "1-A"), Err(Refusal::BrokenLink));
        }
    }
}
