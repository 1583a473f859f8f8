//! Sign-up: an e-mail address, the code that verifies it, and an admission.

use super::client::Client;
use super::code_attempts::{self, CodeKind};
use super::codes::{self, Purpose};
use super::email::Email;
use super::password::NewPassword;
use super::rate_limits::{self, MAILS, PASSWORDS};
use super::records::AdmissionRecord;
use super::site;
use crate::aws::identity::Identity;
use crate::aws::secret::Keys;
use crate::aws::table::{Condition, Row, Table};
use crate::error::AppError;
use crate::notifications::outbox;
use crate::{now, secrets};
use model::accounts::Admission;
use model::notifications::Notification;
use model::user_error::UserError;

/// How long the first sign-in may take after the sign-up.
const ADMISSION_SECONDS: i64 = 7 * 86_400;

/// The right to sign up.
pub struct SignUpRight {
    as_owner: bool,
}

/// Checks whether the visitor may sign up.
///
/// # Errors
/// [`UserError::Closed`], or [`UserError::WrongOwnerCode`] while the site has no owner.
pub async fn may_sign_up(table: &Table, keys: &Keys, owner_code: Option<&str>) -> Result<SignUpRight, AppError> {
    match site::admission(table).await? {
        Admission::Closed => Err(UserError::Closed.into()),
        Admission::Open => Ok(SignUpRight { as_owner: false }),
        Admission::Owner if secrets::same(owner_code.unwrap_or_default().trim(), &keys.owner_code) => {
            Ok(SignUpRight { as_owner: true })
        }
        Admission::Owner => Err(UserError::WrongOwnerCode.into()),
    }
}

/// Starts a sign-up: saves the admission, and sends a code to the address.
///
/// If the address has an account, it gets a mail that says so; the response is the same, so that accounts cannot be enumerated. The
/// admission is saved all the same: every address is treated alike, and a user whose admission expired before the first sign-in needs it.
pub async fn sign_up(
    table: &Table,
    identity: &Identity,
    email: &Email,
    right: SignUpRight,
    client: &Client,
) -> Result<(), AppError> {
    rate_limits::count(table, MAILS, email, client).await?;
    request_code(table, email).await?;
    save_admission(table, email, right).await?;
    let notification = if identity.user_exists(email.as_str()).await? {
        Notification::AlreadyHere
    } else {
        Notification::SignUpCode
    };
    outbox::enqueue(table, &email.recipient(), notification).await
}

/// Expects a code for every address, with or without an account, so that wrong codes are counted and answered alike.
async fn request_code(table: &Table, email: &Email) -> Result<(), AppError> {
    codes::request(table, Purpose::SignUp, &email.hash(), email.as_str()).await
}

/// Sends another code if a sign-up is pending. Does not reveal whether one is.
pub async fn resend_code(table: &Table, identity: &Identity, email: &Email, client: &Client) -> Result<(), AppError> {
    rate_limits::count(table, MAILS, email, client).await?;
    request_code(table, email).await?;
    let admission: Option<AdmissionRecord> = table.get(&AdmissionRecord::key(&email.hash())).await?;
    let pending = admission.is_some_and(|admission| admission.ends_at > now());
    if pending && !identity.user_exists(email.as_str()).await? {
        outbox::enqueue(table, &email.recipient(), Notification::SignUpCode).await?;
    }
    Ok(())
}

/// Saves that the user of this address may create an account.
pub(super) async fn save_admission(table: &Table, email: &Email, right: SignUpRight) -> Result<(), AppError> {
    let ends_at = now().plus_seconds(ADMISSION_SECONDS);
    let admission = AdmissionRecord {
        version: AdmissionRecord::VERSION,
        as_owner: right.as_owner,
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key: AdmissionRecord::key(&email.hash()),
        item: &admission,
        condition: Condition::Anything,
    };
    table.put_with_retries(row).await.map(drop)
}

/// Verifies an address by its code and creates its user, so that only the mailbox's owner sets the password.
///
/// # Errors
/// As [`codes::redeem`]; [`UserError::WrongCode`] also if the address has an account by now, whose password a code must not change.
pub async fn confirm(
    table: &Table,
    identity: &Identity,
    email: &Email,
    code: &str,
    password: &NewPassword,
    client: &Client,
) -> Result<(), AppError> {
    let attempt = code_attempts::count_without_notification(table, CodeKind::SignUp, email, client).await?;
    codes::redeem(table, Purpose::SignUp, &email.hash(), code).await?;
    if identity.user_exists(email.as_str()).await? {
        return Err(UserError::WrongCode.into());
    }
    identity.create_user(email.as_str(), password.as_str()).await?;
    // The owner of the mailbox is not locked out by attempts of others.
    rate_limits::forget(table, PASSWORDS, email, client).await?;
    attempt.undo().await
}

impl SignUpRight {
    /// Of an invited user.
    pub fn invited() -> Self {
        Self { as_owner: false }
    }
}
