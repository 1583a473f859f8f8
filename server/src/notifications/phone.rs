//! An account's phone. Before its number is verified, only the code is sent to it.

use super::outbox::{self, To};
use super::records::PhoneRecord;
use super::sms_policy::SmsPolicy;
use crate::accounts::client::Client;
use crate::accounts::code_attempts::{self, CodeKind};
use crate::accounts::codes::{self, Purpose};
use crate::accounts::email::Email;
use crate::accounts::rate_limits::{self, Subject, TEXTS, TEXTS_TO_NUMBER};
use crate::accounts::second_step::{self, Credentials};
use crate::accounts::viewer::Viewer;
use crate::aws::identity::Identity;
use crate::aws::table::Table;
use crate::error::AppError;
use crate::secrets;
use model::ids::AccountId;
use model::notifications::{Choice, Notification, NotificationKind, Texts};
use model::user_error::UserError;
use std::collections::BTreeSet;

/// A normalized phone number: `+` and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Parses a number with its country code. Only the code verifies that it exists.
    ///
    /// # Errors
    /// [`UserError::BadPhone`].
    pub fn parse(text: &str) -> Result<Self, UserError> {
        let text: String = text.chars().filter(|c| !is_separator(*c)).collect();
        let digits = text.strip_prefix('+').ok_or(UserError::BadPhone)?;
        // ITU-T E.164, 6.2.1: at most fifteen digits, and no country code begins with 0. The shortest numbers have seven.
        let fits = (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit());
        if fits { Ok(Self(text)) } else { Err(UserError::BadPhone) }
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

/// Whether a character separates digits.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2013}')
}

/// The viewer's phone and its settings.
pub async fn texts(table: &Table, viewer: &Viewer) -> Result<Texts, AppError> {
    let account = &viewer.signed_in()?.account.id;
    let key = PhoneRecord::key(account);
    let (phone, pending) = tokio::try_join!(
        table.get::<PhoneRecord>(&key),
        codes::requested(table, Purpose::Phone, account.as_str())
    )?;
    let wants = |kind| phone.as_ref().is_some_and(|phone| phone.kinds.contains(&kind));
    Ok(Texts {
        waiting: pending,
        kinds: NotificationKind::BY_PHONE
            .into_iter()
            .map(|kind| Choice { kind, on: wants(kind) })
            .collect(),
        number: phone.map(|phone| phone.number),
    })
}

/// As [`request_code`], after a check of the viewer's credentials: text messages reveal the account's activity, and cost money.
///
/// # Errors
/// As [`request_code`], and as [`second_step::verify`].
pub async fn set(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    sms_policy: &SmsPolicy,
    phone: &Phone,
    credentials: Credentials<'_>,
    client: &Client,
) -> Result<(), AppError> {
    // Before the credentials are checked, which may consume a recovery code.
    check(table, viewer, sms_policy, phone, client).await?;
    second_step::verify(table, identity, viewer.signed_in()?, credentials, client).await?;
    send(table, viewer, phone, client).await
}

/// Sends a code to a number that the viewer wants to verify.
///
/// # Errors
/// [`UserError::NoTextsThere`]; [`UserError::TooManyTexts`]: each costs money, and the number may be a stranger's.
pub async fn request_code(
    table: &Table,
    viewer: &Viewer,
    sms_policy: &SmsPolicy,
    phone: &Phone,
    client: &Client,
) -> Result<(), AppError> {
    check(table, viewer, sms_policy, phone, client).await?;
    send(table, viewer, phone, client).await
}

/// Checks that a code may be sent to a number.
async fn check(table: &Table, viewer: &Viewer, sms_policy: &SmsPolicy, phone: &Phone, client: &Client) -> Result<(), AppError> {
    let account = &viewer.signed_in()?.account;
    if !sms_policy.allows(phone.as_str()) {
        return Err(UserError::NoTextsThere.into());
    }
    sms_policy.check(table).await?;
    rate_limits::check(table, TEXTS, &account.id, client).await?;
    rate_limits::check(table, TEXTS_TO_NUMBER, phone, client).await
}

/// Counts a text message, and requests it.
async fn send(table: &Table, viewer: &Viewer, phone: &Phone, client: &Client) -> Result<(), AppError> {
    let account = &viewer.signed_in()?.account;
    rate_limits::count(table, TEXTS, &account.id, client).await?;
    rate_limits::count(table, TEXTS_TO_NUMBER, phone, client).await?;
    codes::request(table, Purpose::Phone, account.id.as_str(), phone.as_str()).await?;
    let to = To::Account(account.id.clone());
    let notification = Notification::PhoneCode {
        account: account.id.clone(),
    };
    outbox::enqueue(table, &to, notification).await
}

/// Verifies the viewer's number by its code. Nothing is sent to it until they choose the notifications.
pub async fn verify(table: &Table, viewer: &Viewer, code: &str, client: &Client) -> Result<(), AppError> {
    let account = &viewer.signed_in()?.account;
    let attempt =
        code_attempts::count_without_notification(table, CodeKind::Phone, &Email::parse(&account.email)?, client).await?;
    let number = codes::redeem(table, Purpose::Phone, account.id.as_str(), code).await?;
    attempt.undo().await?;
    write(table, &account.id, |before| {
        // The choices for another number do not apply to this one.
        let kept = before.filter(|phone| phone.number == number);
        Ok((number.clone(), kept.map(|phone| phone.kinds.clone()).unwrap_or_default()))
    })
    .await?;
    notify(table, &account.id, true).await
}

/// Removes the viewer's phone; requires their credentials, so that an attacker cannot silence it first.
///
/// # Errors
/// As [`second_step::verify`].
pub async fn remove(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    credentials: Credentials<'_>,
    client: &Client,
) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    second_step::verify(table, identity, signed_in, credentials, client).await?;
    let account = &signed_in.account.id;
    codes::cancel(table, Purpose::Phone, account.as_str()).await?;
    match table.delete_returning::<PhoneRecord>(&PhoneRecord::key(account)).await? {
        Some(_) => notify(table, account, false).await,
        None => Ok(()),
    }
}

async fn notify(table: &Table, account: &AccountId, added: bool) -> Result<(), AppError> {
    outbox::enqueue(table, &To::Account(account.clone()), Notification::PhoneChanged { added }).await
}

/// Turns text messages of a kind on or off.
///
/// # Errors
/// [`UserError::Malformed`] for a kind that is not sent to phones, [`UserError::NotFound`] without a verified number.
pub async fn choose(table: &Table, viewer: &Viewer, kind: NotificationKind, on: bool) -> Result<(), AppError> {
    let account = &viewer.signed_in()?.account.id;
    if !kind.is_by_phone() {
        return Err(UserError::Malformed.into());
    }
    write(table, account, |before| {
        let phone = before.ok_or(UserError::NotFound)?;
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

/// The number for notifications of a kind, if the account wants them as text messages.
pub(super) async fn number_for(table: &Table, account: &AccountId, kind: NotificationKind) -> Result<Option<String>, AppError> {
    let phone: Option<PhoneRecord> = table.get(&PhoneRecord::key(account)).await?;
    Ok(phone.filter(|phone| phone.kinds.contains(&kind)).map(|phone| phone.number))
}

/// Updates an account's phone: `next` maps the current row to number and notifications.
async fn write(
    table: &Table,
    account: &AccountId,
    next: impl Fn(Option<&PhoneRecord>) -> Result<(String, BTreeSet<NotificationKind>), UserError>,
) -> Result<(), AppError> {
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
    fn parses_numbers_and_rejects_invalid_ones() {
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
            assert_eq!(Phone::parse(bad), Err(UserError::BadPhone), "{bad}");
        }
        assert!(Phone::parse("+6834000").is_ok(), "Niue has the shortest");
        assert_eq!(Phone::parse("+683400"), Err(UserError::BadPhone));
    }
}
