//! Sends notifications.

use super::email::envelope;
use super::phone;
use super::sms_policy::SmsPolicy;
use super::unsubscribe::Subscription;
use crate::accounts::codes::{self, Purpose};
use crate::accounts::invitation::Link;
use crate::accounts::records::AccountRecord;
use crate::aws::mail::Mail;
use crate::aws::sms::{Sms, SmsOutcome};
use crate::aws::table::Table;
use crate::error::AppError;
use crate::idempotency::{self, Claim};
use crate::secrets;
use crate::signing_keys::LinkSigner;
use messages::mail::{self, EmailValues};
use messages::text;
use model::events::NoticeWanted;
use model::ids::AccountId;
use model::notifications::{Notification, To};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

/// The function in idempotency keys, as stored rows name it.
const FUNCTION: &str = "notices";

/// How long one delivery may take: longer than the function's timeout.
const SENDING_SECONDS: i64 = 60;

/// The resources of the function.
pub struct HandlerContext {
    /// The table.
    pub table: Table,
    /// Mail.
    pub mail: Mail,
    /// Text messages.
    pub sms: Sms,
    /// The limits of text messages; `None` if none are sent.
    pub sms_policy: Option<SmsPolicy>,
    /// Signs links.
    pub links: LinkSigner,
    /// Origin of the site.
    pub site_address: String,
}

/// An EventBridge event.
#[derive(Debug, Deserialize)]
pub struct NotificationEvent {
    detail: NoticeWanted,
}

/// The outcome of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Sent.
    Sent,
    /// The stage does not send mails or text messages, or not to this country.
    NoSender,
    /// The site's text messages of the day are used up.
    Spent,
    /// Recipient or content no longer exist.
    Past,
    /// The recipient has turned it off.
    Unwanted,
    /// The number cannot receive text messages.
    Unreachable,
}

/// How a notification is delivered.
#[derive(Debug, Clone, Copy)]
enum Medium {
    Mail,
    Text,
}

impl Medium {
    /// The media of a notification.
    fn of(notification: &Notification) -> &'static [Self] {
        match notification {
            Notification::PhoneCode { .. } => &[Self::Text],
            // Not to the number itself.
            Notification::PhoneChanged { .. } => &[Self::Mail],
            notification if notification.kind().is_by_phone() => &[Self::Mail, Self::Text],
            _ => &[Self::Mail],
        }
    }

    /// The idempotency key of its delivery.
    fn delivery(self, id: &str) -> String {
        match self {
            Self::Mail => id.to_owned(),
            Self::Text => format!("{id}.text"),
        }
    }
}

/// Sends a notification, once by each medium: if one fails, its retry does not repeat the other.
pub async fn on_wanted(context: &HandlerContext, event: NotificationEvent) -> Result<(), AppError> {
    let mut all = Ok(());
    for medium in Medium::of(&event.detail.notice) {
        all = all.and(send_once(context, *medium, &event.detail).await);
    }
    all
}

/// Sends a notification by one medium. If it is interrupted between sending and recording that, a retry sends it again.
async fn send_once(context: &HandlerContext, medium: Medium, wanted: &NoticeWanted) -> Result<(), AppError> {
    let delivery = medium.delivery(&wanted.id);
    let claim = match idempotency::claim::<Outcome>(&context.table, FUNCTION, &delivery, SENDING_SECONDS).await? {
        Claim::Ours(claim) => claim,
        Claim::Done(outcome) => {
            info!(notification = delivery, ?outcome, "already sent");
            return Ok(());
        }
        Claim::Busy => return Err(AppError::internal("send a notification", "another invocation is sending it")),
    };
    let sent = match medium {
        Medium::Mail => by_mail(context, &wanted.to, &wanted.notice).await,
        Medium::Text => by_text(context, &wanted.to, &wanted.notice).await,
    };
    match sent {
        Ok(outcome) => {
            if matches!(outcome, Outcome::NoSender | Outcome::Spent | Outcome::Unreachable) {
                warn!(notification = delivery, ?outcome, "not sent");
            }
            idempotency::settle(&context.table, FUNCTION, &delivery, claim, outcome).await
        }
        Err(failure) => {
            idempotency::release::<Outcome>(&context.table, FUNCTION, &delivery, claim).await?;
            Err(failure)
        }
    }
}

async fn by_mail(context: &HandlerContext, to: &To, notification: &Notification) -> Result<Outcome, AppError> {
    let Some(email) = address(context, to).await? else {
        return Ok(Outcome::Past);
    };
    let Some(subscription) = Subscription::of(notification.kind(), &email) else {
        return Ok(Outcome::Past);
    };
    if !notification.always_comes() && !subscription.choice(&context.table).await?.on {
        return Ok(Outcome::Unwanted);
    }
    let mut values = EmailValues::default();
    if let Some((purpose, key)) = code_of(notification, &email) {
        match codes::generate(&context.table, purpose, &key).await? {
            // A newer code has a notification of its own.
            Some((code, proves)) if proves == email => values.code = Some(code),
            _ => return Ok(Outcome::Past),
        }
    }
    let Some(template) = mail::email(notification, &values) else {
        return Ok(Outcome::Past);
    };
    let unsubscribe_url = subscription.path(&context.links).filter(|_| !notification.always_comes());
    let unsubscribe_url = unsubscribe_url.map(|path| format!("{}{path}", context.site_address));
    let mail = envelope(
        email,
        &template,
        link(context, notification).as_deref(),
        unsubscribe_url.as_deref(),
    );
    Ok(match context.mail.send(&mail).await? {
        true => Outcome::Sent,
        false => Outcome::NoSender,
    })
}

/// Purpose and key of the code in a mail, if it has one.
fn code_of(notification: &Notification, email: &str) -> Option<(Purpose, String)> {
    match notification {
        Notification::SignUpCode => Some((Purpose::SignUp, secrets::hashed(email))),
        Notification::PasswordCode => Some((Purpose::Password, secrets::hashed(email))),
        Notification::AddressCode { account } => Some((Purpose::Address, account.as_str().to_owned())),
        _ => None,
    }
}

/// Sends only the code to an unverified number, and the chosen notifications to a verified one.
async fn by_text(context: &HandlerContext, to: &To, notification: &Notification) -> Result<Outcome, AppError> {
    let (number, text) = if let Notification::PhoneCode { account } = notification {
        match codes::generate(&context.table, Purpose::Phone, account.as_str()).await? {
            Some((code, number)) => (number, text::code(&code)),
            None => return Ok(Outcome::Past),
        }
    } else {
        let (Some(account), Some(text)) = (account(to, notification), text::text(notification, &context.site_address)) else {
            return Ok(Outcome::Past);
        };
        match phone::number_for(&context.table, account, notification.kind()).await? {
            Some(number) => (number, text),
            None => return Ok(Outcome::Unwanted),
        }
    };
    let Some(sms_policy) = context.sms_policy.as_ref().filter(|sms_policy| sms_policy.allows(&number)) else {
        return Ok(Outcome::NoSender);
    };
    if !sms_policy.count(&context.table).await? {
        return Ok(Outcome::Spent);
    }
    Ok(match context.sms.send(&number, &text).await? {
        SmsOutcome::Sent => Outcome::Sent,
        SmsOutcome::Unreachable => Outcome::Unreachable,
    })
}

/// The account that a notification is about.
fn account<'a>(to: &'a To, notification: &'a Notification) -> Option<&'a AccountId> {
    match (to, notification) {
        (To::Account(account), _) => Some(account),
        (_, Notification::AddressChanged { account, .. }) => account.as_ref(),
        _ => None,
    }
}

async fn address(context: &HandlerContext, to: &To) -> Result<Option<String>, AppError> {
    match to {
        To::Address { email } => Ok(Some(email.clone())),
        To::Account(account) => {
            let account: Option<AccountRecord> = context.table.get(&AccountRecord::key(account)).await?;
            Ok(account.map(|account| account.email))
        }
    }
}

/// The URL of a notification's action.
fn link(context: &HandlerContext, notification: &Notification) -> Option<String> {
    let page = match notification {
        Notification::Invitation { invitation, .. } => format!("/join?invitation={}", Link::sign(&context.links, invitation)),
        Notification::AlreadyHere => "/sign-in".to_owned(),
        Notification::ExportReady { .. } => "/account#export".to_owned(),
        Notification::MailsStopped { .. } => "/account".to_owned(),
        Notification::PasswordChanged
        | Notification::PasskeyChanged { .. }
        | Notification::ProviderChanged { .. }
        | Notification::PhoneChanged { .. }
        | Notification::RecoveryCodeUsed { .. }
        | Notification::CodesGuessed { second_step: true } => "/forgot".to_owned(),
        _ => return None,
    };
    Some(format!("{}{page}", context.site_address))
}
