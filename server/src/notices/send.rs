//! Notices go out.

use super::letter::envelope;
use super::phone;
use super::stop::Stop;
use super::texting::Texting;
use crate::accounts::codes::{self, Purpose};
use crate::accounts::invitation::Link;
use crate::accounts::records::AccountRecord;
use crate::aws::mail::Mail;
use crate::aws::sms::{Sms, Texted};
use crate::aws::table::Table;
use crate::failure::Failure;
use crate::keys::LinkSigner;
use crate::once::{self, Claim};
use crate::secrets;
use model::events::NoticeWanted;
use model::ids::AccountId;
use model::notices::{Notice, To};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};
use words::mail::{Drawn, letter};
use words::text;

/// The door's name among those whose deliveries are remembered.
const DOOR: &str = "notices";

/// How long one sending may take: the function's own time is up before.
const SENDING_SECONDS: i64 = 60;

/// What the door works with.
pub struct Here {
    /// The table.
    pub table: Table,
    /// Mail.
    pub mail: Mail,
    /// Text messages.
    pub sms: Sms,
    /// Where they go, and how many; none where none are sent.
    pub texting: Option<Texting>,
    /// Signs links.
    pub links: LinkSigner,
    /// Origin of the site.
    pub site_address: String,
}

/// An event as the bus delivers it.
#[derive(Debug, Deserialize)]
pub struct Told {
    detail: NoticeWanted,
}

/// What came of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is on its way.
    Sent,
    /// The stage does not send this way, or not to this country.
    NoSender,
    /// The site has sent all text messages of this day.
    Spent,
    /// There is nobody to tell any more, or nothing.
    Past,
    /// Whom it is for does not want it this way.
    Unwanted,
    /// The number takes no text messages.
    Unreachable,
}

/// How a notice goes.
#[derive(Debug, Clone, Copy)]
enum Way {
    Mail,
    Text,
}

impl Way {
    /// The ways that a notice may go.
    fn of(notice: &Notice) -> &'static [Self] {
        match notice {
            Notice::PhoneCode { .. } => &[Self::Text],
            // The number is not who is to hear of it.
            Notice::PhoneChanged { .. } => &[Self::Mail],
            notice if notice.kind().is_by_phone() => &[Self::Mail, Self::Text],
            _ => &[Self::Mail],
        }
    }

    /// What its delivery is remembered by.
    fn delivery(self, id: &str) -> String {
        match self {
            Self::Mail => id.to_owned(),
            Self::Text => format!("{id}.text"),
        }
    }
}

/// Sends a notice, once each way: where one fails, the other is not repeated with it.
pub async fn on_wanted(here: &Here, told: Told) -> Result<(), Failure> {
    let mut all = Ok(());
    for way in Way::of(&told.detail.notice) {
        all = all.and(once_by(here, *way, &told.detail).await);
    }
    all
}

/// Sends a notice one way. Cut off after it has gone and before that is written down, it goes again.
async fn once_by(here: &Here, way: Way, wanted: &NoticeWanted) -> Result<(), Failure> {
    let delivery = way.delivery(&wanted.id);
    let claim = match once::claim::<Outcome>(&here.table, DOOR, &delivery, SENDING_SECONDS).await? {
        Claim::Ours(claim) => claim,
        Claim::Done(outcome) => {
            info!(notice = delivery, ?outcome, "was sent before");
            return Ok(());
        }
        Claim::Busy => return Err(Failure::broken("send a notice", "another is at it")),
    };
    let sent = match way {
        Way::Mail => by_mail(here, &wanted.to, &wanted.notice).await,
        Way::Text => by_text(here, &wanted.to, &wanted.notice).await,
    };
    match sent {
        Ok(outcome) => {
            if matches!(outcome, Outcome::NoSender | Outcome::Spent | Outcome::Unreachable) {
                warn!(notice = delivery, ?outcome, "not sent");
            }
            once::settle(&here.table, DOOR, &delivery, claim, outcome).await
        }
        Err(failure) => {
            once::release::<Outcome>(&here.table, DOOR, &delivery, claim).await?;
            Err(failure)
        }
    }
}

async fn by_mail(here: &Here, to: &To, notice: &Notice) -> Result<Outcome, Failure> {
    let Some(email) = address(here, to).await? else {
        return Ok(Outcome::Past);
    };
    let Some(stop) = Stop::of(notice.kind(), &email) else {
        return Ok(Outcome::Past);
    };
    if !notice.always_comes() && !stop.choice(&here.table).await?.on {
        return Ok(Outcome::Unwanted);
    }
    let mut drawn = Drawn::default();
    if let Some((purpose, whose)) = code_of(notice, &email) {
        match codes::draw(&here.table, purpose, &whose).await? {
            // One that was asked for since has a notice of its own.
            Some((code, proves)) if proves == email => drawn.code = Some(code),
            _ => return Ok(Outcome::Past),
        }
    }
    let Some(letter) = letter(notice, &drawn) else {
        return Ok(Outcome::Past);
    };
    let stop = stop.path(&here.links).filter(|_| !notice.always_comes());
    let stop = stop.map(|path| format!("{}{path}", here.site_address));
    let mail = envelope(email, &letter, link(here, notice).as_deref(), stop.as_deref());
    Ok(match here.mail.send(&mail).await? {
        true => Outcome::Sent,
        false => Outcome::NoSender,
    })
}

/// What the code of a mail proves, and whose it is.
fn code_of(notice: &Notice, email: &str) -> Option<(Purpose, String)> {
    match notice {
        Notice::SignUpCode => Some((Purpose::SignUp, secrets::hashed(email))),
        Notice::PasswordCode => Some((Purpose::Password, secrets::hashed(email))),
        Notice::AddressCode { account } => Some((Purpose::Address, account.as_str().to_owned())),
        _ => None,
    }
}

/// A number hears of nothing but its code until that has proved it, and then of what was chosen.
async fn by_text(here: &Here, to: &To, notice: &Notice) -> Result<Outcome, Failure> {
    let (number, text) = if let Notice::PhoneCode { account } = notice {
        match codes::draw(&here.table, Purpose::Phone, account.as_str()).await? {
            Some((code, number)) => (number, text::code(&code)),
            None => return Ok(Outcome::Past),
        }
    } else {
        let (Some(account), Some(text)) = (account(to, notice), text::text(notice, &here.site_address)) else {
            return Ok(Outcome::Past);
        };
        match phone::wanted(&here.table, account, notice.kind()).await? {
            Some(number) => (number, text),
            None => return Ok(Outcome::Unwanted),
        }
    };
    let Some(texting) = here.texting.as_ref().filter(|texting| texting.reaches(&number)) else {
        return Ok(Outcome::NoSender);
    };
    if !texting.take(&here.table).await? {
        return Ok(Outcome::Spent);
    }
    Ok(match here.sms.send(&number, &text).await? {
        Texted::Sent => Outcome::Sent,
        Texted::Unreachable => Outcome::Unreachable,
    })
}

/// The account that a notice is about.
fn account<'a>(to: &'a To, notice: &'a Notice) -> Option<&'a AccountId> {
    match (to, notice) {
        (To::Account(account), _) => Some(account),
        (_, Notice::AddressChanged { account, .. }) => account.as_ref(),
        _ => None,
    }
}

async fn address(here: &Here, to: &To) -> Result<Option<String>, Failure> {
    match to {
        To::Address { email } => Ok(Some(email.clone())),
        To::Account(account) => {
            let account: Option<AccountRecord> = here.table.get(&AccountRecord::key(account)).await?;
            Ok(account.map(|account| account.email))
        }
    }
}

/// Where the link of a notice leads.
fn link(here: &Here, notice: &Notice) -> Option<String> {
    let page = match notice {
        Notice::Invitation { invitation, .. } => format!("/join?invitation={}", Link::sign(&here.links, invitation)),
        Notice::AlreadyHere => "/sign-in".to_owned(),
        Notice::ExportReady { .. } => "/account#export".to_owned(),
        Notice::MailsStopped { .. } => "/account".to_owned(),
        Notice::PasswordChanged
        | Notice::PasskeyChanged { .. }
        | Notice::ProviderChanged { .. }
        | Notice::PhoneChanged { .. }
        | Notice::RecoveryCodeUsed { .. }
        | Notice::CodesGuessed { second_step: true } => "/forgot".to_owned(),
        _ => return None,
    };
    Some(format!("{}{page}", here.site_address))
}
