//! Notices go out.

use super::letter::envelope;
use crate::accounts::codes::{self, Purpose};
use crate::accounts::invitation::Link;
use crate::accounts::records::AccountRecord;
use crate::aws::mail::Mail;
use crate::aws::table::Table;
use crate::failure::Failure;
use crate::keys::LinkSigner;
use crate::once::{self, Claim};
use model::events::NoticeWanted;
use model::notices::{Notice, To};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};
use words::mail::{Drawn, letter};

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
    /// The stage sends no mail.
    NoSender,
    /// There is nobody to tell any more, or nothing.
    Past,
}

/// Sends a notice, once. Cut off after the mail has gone and before that is written down, it goes again.
pub async fn on_wanted(here: &Here, told: Told) -> Result<(), Failure> {
    let NoticeWanted { id, to, notice, .. } = told.detail;
    let claim = match once::claim::<Outcome>(&here.table, DOOR, &id, SENDING_SECONDS).await? {
        Claim::Ours(claim) => claim,
        Claim::Done(outcome) => {
            info!(notice = id, ?outcome, "was sent before");
            return Ok(());
        }
        Claim::Busy => return Err(Failure::broken("send a notice", "another is at it")),
    };
    match send(here, &to, &notice).await {
        Ok(outcome) => {
            if outcome == Outcome::NoSender {
                warn!(notice = id, "not sent: the stage has no sender for mails");
            }
            once::settle(&here.table, DOOR, &id, claim, outcome).await
        }
        Err(failure) => {
            once::release::<Outcome>(&here.table, DOOR, &id, claim).await?;
            Err(failure)
        }
    }
}

async fn send(here: &Here, to: &To, notice: &Notice) -> Result<Outcome, Failure> {
    let Some(email) = address(here, to).await? else {
        return Ok(Outcome::Past);
    };
    let mut drawn = Drawn::default();
    if let Notice::AddressCode { account } = notice {
        match codes::draw(&here.table, Purpose::Address, account.as_str()).await? {
            // One that was asked for since has a notice of its own.
            Some((code, proves)) if proves == email => drawn.code = Some(code),
            _ => return Ok(Outcome::Past),
        }
    }
    let link = link(here, notice);
    let mail = envelope(email, &letter(notice, &drawn), link.as_deref());
    Ok(match here.mail.send(&mail).await? {
        true => Outcome::Sent,
        false => Outcome::NoSender,
    })
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
        Notice::PasswordChanged | Notice::RecoveryCodeUsed { .. } => "/forgot".to_owned(),
        _ => return None,
    };
    Some(format!("{}{page}", here.site_address))
}
