//! An account's phone: nothing but a code is sent to a number before that code has proved it.

use super::outbox::{self, To};
use super::records::PhoneRecord;
use super::texting::Texting;
use crate::accounts::client::Client;
use crate::accounts::codes::{self, Purpose};
use crate::accounts::guesses::{self, Of};
use crate::accounts::limits::{self, Subject, TEXTS, TEXTS_TO_NUMBER};
use crate::accounts::second_step::{self, Proof};
use crate::accounts::sign_up::Email;
use crate::accounts::viewer::Viewer;
use crate::aws::identity::Identity;
use crate::aws::table::Table;
use crate::failure::Failure;
use crate::secrets;
use model::ids::AccountId;
use model::notices::{Choice, Notice, NoticeKind, Texts};
use model::refusals::Refusal;
use std::collections::BTreeSet;

/// A phone number as it is kept: `+` and digits alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Reads a number with its country's code. Whether it exists is proved by the code alone.
    ///
    /// # Errors
    /// [`Refusal::BadPhone`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text: String = text.chars().filter(|c| !is_between_digits(*c)).collect();
        let digits = text.strip_prefix('+').ok_or(Refusal::BadPhone)?;
        // ITU-T E.164, 6.2.1: fifteen digits at most, and no country's code begins with 0. The shortest numbers have seven.
        let fits = (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit());
        if fits { Ok(Self(text)) } else { Err(Refusal::BadPhone) }
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Subject for Phone {
    fn hash(&self) -> String {
        secrets::hashed(&self.0)
    }
}

/// What people write between a number's digits.
fn is_between_digits(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2013}')
}

/// The viewer's phone, and what is sent to it.
pub async fn texts(table: &Table, viewer: &Viewer) -> Result<Texts, Failure> {
    let account = &viewer.signed_in()?.account.id;
    let key = PhoneRecord::key(account);
    let (phone, waiting) = tokio::try_join!(
        table.get::<PhoneRecord>(&key),
        codes::expected(table, Purpose::Phone, account.as_str())
    )?;
    let wants = |kind| phone.as_ref().is_some_and(|phone| phone.kinds.contains(&kind));
    Ok(Texts {
        waiting,
        kinds: NoticeKind::BY_PHONE
            .into_iter()
            .map(|kind| Choice { kind, on: wants(kind) })
            .collect(),
        number: phone.map(|phone| phone.number),
    })
}

/// As [`ask`], by the viewer's proof: what is texted tells of the account, and each text costs.
///
/// # Errors
/// As [`ask`], and as [`second_step::confirm`].
pub async fn set(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    texting: &Texting,
    phone: &Phone,
    proof: Proof<'_>,
    client: &Client,
) -> Result<(), Failure> {
    // Before the proof: a recovery code is of use once.
    may_send(table, viewer, texting, phone, client).await?;
    second_step::confirm(table, identity, viewer.signed_in()?, proof, client).await?;
    send(table, viewer, phone, client).await
}

/// Has a code sent to a number that the viewer says is theirs.
///
/// # Errors
/// [`Refusal::NoTextsThere`]; [`Refusal::TooManyTexts`]: each costs, and a number may be a stranger's.
pub async fn ask(table: &Table, viewer: &Viewer, texting: &Texting, phone: &Phone, client: &Client) -> Result<(), Failure> {
    may_send(table, viewer, texting, phone, client).await?;
    send(table, viewer, phone, client).await
}

/// That a code may be sent to a number.
async fn may_send(table: &Table, viewer: &Viewer, texting: &Texting, phone: &Phone, client: &Client) -> Result<(), Failure> {
    let account = &viewer.signed_in()?.account;
    if !texting.reaches(phone.as_str()) {
        return Err(Refusal::NoTextsThere.into());
    }
    texting.has_some(table).await?;
    limits::check(table, TEXTS, &account.id, client).await?;
    limits::check(table, TEXTS_TO_NUMBER, phone, client).await
}

/// Counts a text, and has it sent.
async fn send(table: &Table, viewer: &Viewer, phone: &Phone, client: &Client) -> Result<(), Failure> {
    let account = &viewer.signed_in()?.account;
    limits::count(table, TEXTS, &account.id, client).await?;
    limits::count(table, TEXTS_TO_NUMBER, phone, client).await?;
    codes::expect(table, Purpose::Phone, account.id.as_str(), phone.as_str()).await?;
    let to = To::Account(account.id.clone());
    let notice = Notice::PhoneCode {
        account: account.id.clone(),
    };
    outbox::ask(table, &to, notice).await
}

/// The number that the code proves is the viewer's. Nothing is sent to it until they choose what.
pub async fn prove(table: &Table, viewer: &Viewer, code: &str, client: &Client) -> Result<(), Failure> {
    let account = &viewer.signed_in()?.account;
    let guess = guesses::count_without_notice(table, Of::Phone, &Email::parse(&account.email)?, client).await?;
    let number = codes::redeem(table, Purpose::Phone, account.id.as_str(), code).await?;
    guess.was_right().await?;
    write(table, &account.id, |before| {
        // What was chosen for another number says nothing about this one.
        let kept = before.filter(|phone| phone.number == number);
        Ok((number.clone(), kept.map(|phone| phone.kinds.clone()).unwrap_or_default()))
    })
    .await?;
    tell(table, &account.id, true).await
}

/// Nothing is sent to the viewer's phone any more, and the number is forgotten: by their proof, or who wants to be unheard could begin
/// with that.
///
/// # Errors
/// As [`second_step::confirm`].
pub async fn remove(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    proof: Proof<'_>,
    client: &Client,
) -> Result<(), Failure> {
    let signed_in = viewer.signed_in()?;
    second_step::confirm(table, identity, signed_in, proof, client).await?;
    let account = &signed_in.account.id;
    codes::give_up(table, Purpose::Phone, account.as_str()).await?;
    match table.take::<PhoneRecord>(&PhoneRecord::key(account)).await? {
        Some(_) => tell(table, account, false).await,
        None => Ok(()),
    }
}

async fn tell(table: &Table, account: &AccountId, added: bool) -> Result<(), Failure> {
    outbox::ask(table, &To::Account(account.clone()), Notice::PhoneChanged { added }).await
}

/// Whether the viewer wants text messages of a kind from now on.
///
/// # Errors
/// [`Refusal::Malformed`] for a kind that is not sent to phones, [`Refusal::NotFound`] where no number is proved.
pub async fn choose(table: &Table, viewer: &Viewer, kind: NoticeKind, on: bool) -> Result<(), Failure> {
    let account = &viewer.signed_in()?.account.id;
    if !kind.is_by_phone() {
        return Err(Refusal::Malformed.into());
    }
    write(table, account, |before| {
        let phone = before.ok_or(Refusal::NotFound)?;
        let mut kinds = phone.kinds.clone();
        if on {
            kinds.insert(kind)
        } else {
            kinds.remove(&kind)
        };
        Ok((phone.number.clone(), kinds))
    })
    .await
}

/// Where a notice of some kind goes, if the account wants it by phone.
pub(super) async fn wanted(table: &Table, account: &AccountId, kind: NoticeKind) -> Result<Option<String>, Failure> {
    let phone: Option<PhoneRecord> = table.get(&PhoneRecord::key(account)).await?;
    Ok(phone.filter(|phone| phone.kinds.contains(&kind)).map(|phone| phone.number))
}

/// Writes an account's phone as it follows from how it was.
async fn write(
    table: &Table,
    account: &AccountId,
    next: impl Fn(Option<&PhoneRecord>) -> Result<(String, BTreeSet<NoticeKind>), Refusal>,
) -> Result<(), Failure> {
    table
        .change(&PhoneRecord::key(account), |before: Option<PhoneRecord>, revision| {
            let (number, kinds) = next(before.as_ref())?;
            Ok(Some(PhoneRecord {
                version: PhoneRecord::VERSION,
                revision,
                number,
                kinds,
            }))
        })
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_as_people_write_them_and_refuses_what_cannot_be_one() {
        for good in [
            "+442079460000",
            " +44 20 7946 0000 ",
            "+44 (20) 7946-0000",
            "+44.20.7946/0000",
        ] {
            assert_eq!(Phone::parse(good), Ok(Phone("+442079460000".into())), "{good}");
        }
        for bad in [
            "",
            "+",
            "442079460000",
            "00442079460000",
            "+0442079460000",
            "+4420794600001234",
            "+44 20 7946 000x",
            "++442079460000",
            "+٤٤٢٠٧٩٤٦٠٠٠٠",
            "arn:aws:sns:eu-west-1:1:t",
        ] {
            assert_eq!(Phone::parse(bad), Err(Refusal::BadPhone), "{bad}");
        }
        assert!(Phone::parse("+6834000").is_ok(), "Niue has the shortest");
        assert_eq!(Phone::parse("+683400"), Err(Refusal::BadPhone));
    }
}
