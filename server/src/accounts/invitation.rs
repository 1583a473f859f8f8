//! Invitations by operators, sent by mail.

use super::client::Client;
use super::email::Email;
use super::owners;
use super::password::NewPassword;
use super::rate_limits::{self, INVITATIONS, PASSWORDS};
use super::records::InvitationRecord;
use super::sign_up::{self, SignUpRight};
use super::viewer::Viewer;
use crate::aws::identity::Identity;
use crate::aws::table::{Condition, Page, Row, Table, keys};
use crate::error::AppError;
use crate::notifications::outbox::{self, To};
use crate::now;
use crate::signing_keys::LinkSigner;
use model::accounts::{Group, INVITATION_DAYS, Invitation};
use model::ids::AccountId;
use model::notifications::Notification;
use model::user_error::UserError;

/// Page size, and the most invitations that the list shows.
const PAGE: i32 = 100;

/// Invites an address. Replaces its earlier invitations.
///
/// # Errors
/// [`UserError::OperatorsOnly`]; [`UserError::HasAccount`]; [`UserError::TooManyInvitations`], except for owners.
pub async fn invite(table: &Table, viewer: &Viewer, email: &Email, client: &Client) -> Result<(), AppError> {
    let signed_in = viewer.operator()?;
    let inviter = &signed_in.account;
    let (accounts, older) = tokio::try_join!(owners::accounts(table), listed(table))?;
    if accounts.iter().any(|account| account.email == email.as_str()) {
        return Err(UserError::HasAccount.into());
    }
    if !signed_in.is(Group::Owner) {
        rate_limits::count(table, INVITATIONS, &inviter.id, client).await?;
    }
    let ends_at = now().plus_seconds(INVITATION_DAYS * 86_400);
    let invitation = InvitationRecord {
        version: InvitationRecord::VERSION,
        id: uuid::Uuid::now_v7().to_string(),
        email: email.as_str().to_owned(),
        by: inviter.id.clone(),
        ends_at,
        ttl: ends_at.seconds(),
    };
    let to = To::Address {
        email: invitation.email.clone(),
    };
    let notification = Notification::Invitation {
        invitation: invitation.id.clone(),
        by: inviter.email.clone(),
        ends_at,
    };
    let row = table.transact_put(Row {
        key: InvitationRecord::key(&invitation.id),
        item: &invitation,
        condition: Condition::Absent,
    })?;
    let writes = vec![row, outbox::transact_enqueue(table, &to, notification)?];
    // Both keys are new, so no condition fails.
    let _ = table.transact_write_with_retries(writes).await?;
    for older in older.iter().filter(|older| older.email == invitation.email) {
        table.delete(&InvitationRecord::key(&older.id)).await?;
    }
    Ok(())
}

/// The oldest invitations.
async fn listed(table: &Table) -> Result<Vec<InvitationRecord>, AppError> {
    let page = table.with_prefix(keys::SITE, keys::INVITATION_PREFIX, PAGE).await?;
    Ok(page.items)
}

/// Revokes all invitations by an account. Idempotent.
pub async fn revoke_all_by(table: &Table, account: &AccountId) -> Result<(), AppError> {
    let (mut low, end) = (keys::INVITATION_PREFIX.to_owned(), keys::end_of(keys::INVITATION_PREFIX));
    loop {
        let page: Page<InvitationRecord> = table.range(keys::SITE, &low, &end, PAGE).await?;
        for invitation in page.items.iter().filter(|invitation| invitation.by == *account) {
            table.delete(&InvitationRecord::key(&invitation.id)).await?;
        }
        match page.items.last() {
            // The next page begins after this one's last key.
            Some(last) if page.more => low = keys::after(&InvitationRecord::key(&last.id).sk),
            _ => return Ok(()),
        }
    }
}

/// The invitations that have not expired.
pub(super) async fn open(table: &Table) -> Result<Vec<Invitation>, AppError> {
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
pub(super) async fn of_address(table: &Table, email: &Email) -> Result<Option<Invitation>, AppError> {
    let mut open = open(table).await?.into_iter();
    Ok(open.find(|invitation| invitation.email == email.as_str()))
}

/// Deletes the invitations of an address after its sign-up.
pub(super) async fn delete_all_of(table: &Table, email: &Email) -> Result<(), AppError> {
    while let Some(invitation) = of_address(table, email).await? {
        table
            .delete_returning::<InvitationRecord>(&InvitationRecord::key(&invitation.id))
            .await?;
    }
    Ok(())
}

/// Revokes an invitation.
pub async fn revoke(table: &Table, viewer: &Viewer, id: &str) -> Result<(), AppError> {
    viewer.operator()?;
    let taken: Option<InvitationRecord> = table.delete_returning(&InvitationRecord::key(id)).await?;
    taken.map(drop).ok_or_else(|| UserError::NotFound.into())
}

/// The signed parameter of an invitation link: `<invitation>.<signature>`.
pub struct Link<'a> {
    id: &'a str,
}

impl<'a> Link<'a> {
    /// Parses a parameter and verifies its signature.
    ///
    /// # Errors
    /// [`UserError::InvitationEnded`] if it is invalid.
    pub fn read(signer: &LinkSigner, text: &'a str) -> Result<Self, UserError> {
        let (id, signature) = text.split_once('.').ok_or(UserError::InvitationEnded)?;
        let signed = signer.verifies(&signed_text(id), signature);
        signed.then_some(Self { id }).ok_or(UserError::InvitationEnded)
    }

    /// Signs the link of an invitation.
    pub fn sign(signer: &LinkSigner, id: &str) -> String {
        format!("{id}.{}", signer.sign(&signed_text(id)))
    }
}

/// The signed text names its purpose, so that signatures of other links are not accepted.
fn signed_text(id: &str) -> String {
    format!("invitation:{id}")
}

/// The address that a link invites.
///
/// # Errors
/// [`UserError::InvitationEnded`] if the invitation was accepted or revoked, or has expired.
pub async fn invited_email(table: &Table, link: &Link<'_>) -> Result<Email, AppError> {
    let invitation: Option<InvitationRecord> = table.get(&InvitationRecord::key(link.id)).await?;
    let invitation = invitation.filter(|invitation| invitation.ends_at > now());
    Ok(Email::parse(&invitation.ok_or(UserError::InvitationEnded)?.email)?)
}

/// Accepts an invitation: creates the user with this password. The link was mailed to the address, which verifies it.
///
/// # Errors
/// [`UserError::InvitationEnded`]; also if the address already has an account, whose password a link must not change.
pub async fn accept(
    table: &Table,
    identity: &Identity,
    link: &Link<'_>,
    password: &NewPassword,
    client: &Client,
) -> Result<Email, AppError> {
    let email = invited_email(table, link).await?;
    if identity.user_exists(email.as_str()).await? {
        return Err(UserError::InvitationEnded.into());
    }
    sign_up::save_admission(table, &email, SignUpRight::invited()).await?;
    identity.create_user(email.as_str(), password.as_str()).await?;
    // The owner of the mailbox is not locked out by attempts of others.
    rate_limits::forget(table, PASSWORDS, &email, client).await?;
    // Last, so that a failed attempt can be retried.
    table
        .delete_returning::<InvitationRecord>(&InvitationRecord::key(link.id))
        .await?;
    Ok(email)
}
