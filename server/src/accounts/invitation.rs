//! Invitations: who looks after the site asks somebody to come, by mail.

use super::client::Client;
use super::limits::{self, INVITATIONS, PASSWORDS};
use super::owners;
use super::password::NewPassword;
use super::records::InvitationRecord;
use super::sign_up::{self, Email, Right};
use super::viewer::Viewer;
use crate::aws::identity::Identity;
use crate::aws::table::{Given, Page, Row, Table};
use crate::failure::Failure;
use crate::keys::LinkSigner;
use crate::notices::outbox::{self, To};
use crate::now;
use model::accounts::{Group, INVITATION_DAYS, Invitation};
use model::ids::AccountId;
use model::notices::Notice;
use model::refusals::Refusal;

/// Invitations that are read at once; the list shows no more.
const PAGE: i32 = 100;

/// Asks somebody to come. Of several invitations of one address the newest is good.
///
/// # Errors
/// [`Refusal::OperatorsOnly`]; [`Refusal::HasAccount`]; [`Refusal::TooManyInvitations`], which owners do not meet.
pub async fn invite(table: &Table, viewer: &Viewer, email: &Email, client: &Client) -> Result<(), Failure> {
    let signed_in = viewer.operator()?;
    let host = &signed_in.account;
    let (accounts, older) = tokio::try_join!(owners::accounts(table), listed(table))?;
    if accounts.iter().any(|account| account.email == email.as_str()) {
        return Err(Refusal::HasAccount.into());
    }
    if !signed_in.is(Group::Owner) {
        limits::count(table, INVITATIONS, &host.id, client).await?;
    }
    let ends_at = now().plus_seconds(INVITATION_DAYS * 86_400);
    let invitation = InvitationRecord {
        version: InvitationRecord::VERSION,
        id: uuid::Uuid::now_v7().to_string(),
        email: email.as_str().to_owned(),
        by: host.id.clone(),
        ends_at,
        ttl: ends_at.seconds(),
    };
    let to = To::Address {
        email: invitation.email.clone(),
    };
    let notice = Notice::Invitation {
        invitation: invitation.id.clone(),
        by: host.email.clone(),
        ends_at,
    };
    let row = table.together(Row {
        key: InvitationRecord::key(&invitation.id),
        item: &invitation,
        given: Given::Absent,
    })?;
    table.put_together(vec![row, outbox::asked(table, &to, notice)?]).await?;
    for older in older.iter().filter(|older| older.email == invitation.email) {
        table.forget(&InvitationRecord::key(&older.id)).await?;
    }
    Ok(())
}

/// The oldest invitations, of anybody.
async fn listed(table: &Table) -> Result<Vec<InvitationRecord>, Failure> {
    let page = table.between("SITE", "INVITATION#", "INVITATION#~", PAGE).await?;
    Ok(page.items)
}

/// Takes back all invitations that an account gave. Done again, it goes on where it was cut off.
pub async fn withdraw_all_by(table: &Table, account: &AccountId) -> Result<(), Failure> {
    let mut low = "INVITATION#".to_owned();
    loop {
        let page: Page<InvitationRecord> = table.between("SITE", &low, "INVITATION#~", PAGE).await?;
        for invitation in page.items.iter().filter(|invitation| invitation.by == *account) {
            table.forget(&InvitationRecord::key(&invitation.id)).await?;
        }
        match page.items.last() {
            // The next page begins behind this one's last.
            Some(last) if page.more => low = format!("INVITATION#{}\u{0}", last.id),
            _ => return Ok(()),
        }
    }
}

/// Invitations that can still be taken.
pub(super) async fn open(table: &Table) -> Result<Vec<Invitation>, Failure> {
    let all = listed(table).await?.into_iter();
    let open = all.filter(|invitation| invitation.ends_at > now());
    Ok(open
        .map(|invitation| Invitation {
            id: invitation.id,
            email: invitation.email,
            ends_at: invitation.ends_at,
        })
        .collect())
}

/// The open invitation of an address, if it has one.
pub(super) async fn of_address(table: &Table, email: &Email) -> Result<Option<Invitation>, Failure> {
    let mut open = open(table).await?.into_iter();
    Ok(open.find(|invitation| invitation.email == email.as_str()))
}

/// Takes the invitations of an address away, whose owner is in.
pub(super) async fn use_up(table: &Table, email: &Email) -> Result<(), Failure> {
    while let Some(invitation) = of_address(table, email).await? {
        table.take::<InvitationRecord>(&InvitationRecord::key(&invitation.id)).await?;
    }
    Ok(())
}

/// Takes an invitation back.
pub async fn withdraw(table: &Table, viewer: &Viewer, id: &str) -> Result<(), Failure> {
    viewer.operator()?;
    let taken: Option<InvitationRecord> = table.take(&InvitationRecord::key(id)).await?;
    taken.map(drop).ok_or_else(|| Refusal::NotFound.into())
}

/// What the link of an invitation's mail says: `<invitation>.<proof>`.
pub struct Link<'a> {
    id: &'a str,
}

impl<'a> Link<'a> {
    /// Reads a link that we signed.
    ///
    /// # Errors
    /// [`Refusal::InvitationEnded`] for anything else.
    pub fn read(signer: &LinkSigner, text: &'a str) -> Result<Self, Refusal> {
        let (id, proof) = text.split_once('.').ok_or(Refusal::InvitationEnded)?;
        let signed = signer.verifies(&signed_text(id), proof);
        signed.then_some(Self { id }).ok_or(Refusal::InvitationEnded)
    }

    /// Signs the link of an invitation.
    pub fn sign(signer: &LinkSigner, id: &str) -> String {
        format!("{id}.{}", signer.sign(&signed_text(id)))
    }
}

/// What is signed says what it is for, so that no other link's proof serves.
fn signed_text(id: &str) -> String {
    format!("invitation:{id}")
}

/// Whom a link invites.
///
/// # Errors
/// [`Refusal::InvitationEnded`] when it was taken, taken back, or is too old.
pub async fn invited(table: &Table, link: &Link<'_>) -> Result<Email, Failure> {
    let invitation: Option<InvitationRecord> = table.get(&InvitationRecord::key(link.id)).await?;
    let invitation = invitation.filter(|invitation| invitation.ends_at > now());
    Ok(Email::parse(&invitation.ok_or(Refusal::InvitationEnded)?.email)?)
}

/// Takes an invitation: the link came to the address, which proves it. Then the guest signs in with the password.
///
/// # Errors
/// [`Refusal::InvitationEnded`]; also where the address has an account, whose password no link may change.
pub async fn take(
    table: &Table,
    identity: &Identity,
    link: &Link<'_>,
    password: &NewPassword,
    client: &Client,
) -> Result<Email, Failure> {
    let email = invited(table, link).await?;
    if identity.knows(email.as_str()).await? {
        return Err(Refusal::InvitationEnded.into());
    }
    sign_up::remember(table, &email, Right::invited()).await?;
    identity.admit(email.as_str(), password.as_str()).await?;
    // Who reads the mailbox need not wait for guesses of others.
    limits::forget(table, PASSWORDS, &email, client).await?;
    // Last, so that one that was cut off can be taken again.
    table.take::<InvitationRecord>(&InvitationRecord::key(link.id)).await?;
    Ok(email)
}
