//! The second step of a sign-in (MFA): the TOTP code of an authenticator app, or a recovery code.

use super::client::Client;
use super::code_attempts::{self, CodeKind};
use super::email::Email;
use super::password;
use super::records::{PendingSecondStepRecord, RecoveryRecord, Setup, SetupRecord};
use super::recovery::{self, Used};
use super::sessions;
use super::sign_in::{self, NewSession, STEP_SECONDS, SignInContext};
use super::viewer::{SignedIn, Viewer};
use crate::aws::identity::{Identity, VerifiedUser};
use crate::aws::table::{Condition, Row, Table};
use crate::encrypted::Cipher;
use crate::error::{AppError, Context};
use crate::notifications::outbox::{self, To};
use crate::{now, secrets};
use model::accounts::{Qr, SecondStepSetup};
use model::notifications::Notification;
use model::user_error::UserError;
use qrcode::QrCode;
use qrcode::types::Color;
use std::fmt::Write;

/// Light modules around a QR code: ISO/IEC 18004 requires four.
const QUIET_ZONE: usize = 4;

/// Confirms a change of credentials: the password, and a code if the second step is on.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The password.
    pub password: &'a str,
    /// The app's code, or a recovery code, which is not accepted for adding passkeys.
    pub code: Option<&'a str>,
}

/// Checks the same credentials as a sign-in, before a change of them: the password, and a code if the second step is on.
///
/// # Errors
/// [`UserError::WrongPassword`]; [`UserError::WrongSecondCode`], also if a required code is missing.
pub async fn verify(
    table: &Table,
    identity: &Identity,
    signed_in: &SignedIn,
    credentials: Credentials<'_>,
    client: &Client,
) -> Result<(), AppError> {
    let Some(challenge) = password::verify(table, identity, signed_in, credentials.password, client).await? else {
        return Ok(());
    };
    let code = credentials.code.ok_or(UserError::WrongSecondCode)?;
    let email = Email::parse(&signed_in.account.email)?;
    let attempt = code_attempts::count(table, identity, CodeKind::SecondStep, &email, client).await?;
    verify_code(table, identity, &email, &challenge, code).await?;
    attempt.undo().await
}

/// Completes a sign-in by its second step; returns the new session, and where to go.
///
/// # Errors
/// [`UserError::SignInAgain`] without a pending sign-in, [`UserError::WrongSecondCode`].
pub async fn complete_sign_in(
    table: &Table,
    identity: &Identity,
    secret: Option<&str>,
    code: &str,
    client: &Client,
) -> Result<(NewSession, Option<String>), AppError> {
    let secret = secret.unwrap_or_default();
    let key = PendingSecondStepRecord::key(&secrets::hashed(secret));
    let step: Option<PendingSecondStepRecord> = table.get(&key).await?;
    let step = step.filter(|step| step.ends_at > now()).ok_or(UserError::SignInAgain)?;
    let challenge: Option<String> = Cipher::of(secret).decrypt(&key, &step.challenge);
    let challenge = challenge.ok_or(UserError::SignInAgain)?;
    let email = Email::parse(&step.email)?;
    let attempt = code_attempts::count(table, identity, CodeKind::SecondStep, &email, client).await?;
    let user = verify_code(table, identity, &email, &challenge, code).await?;
    attempt.undo().await?;
    table.delete_returning::<PendingSecondStepRecord>(&key).await?;
    let context = SignInContext {
        client,
        zone: step.zone,
        to: None,
    };
    Ok((sign_in::begin_session(table, user, context).await?, step.to))
}

async fn verify_code(
    table: &Table,
    identity: &Identity,
    email: &Email,
    challenge: &str,
    code: &str,
) -> Result<VerifiedUser, AppError> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return identity.verify_second_step(email.as_str(), challenge, &digits).await;
    }
    let user = identity.user(email.as_str()).await?;
    let Used { left } = recovery::redeem(table, &user.id, code).await?;
    outbox::enqueue(table, &To::Account(user.id.clone()), Notification::RecoveryCodeUsed { left }).await?;
    Ok(user)
}

/// Starts the setup of the second step; requires the viewer's password.
pub async fn begin(table: &Table, identity: &Identity, viewer: &Viewer, password: &str, client: &Client) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    password::verify(table, identity, signed_in, password, client).await?;
    let setup = identity.begin_totp_setup(&signed_in.account.email, password).await?;
    let ends_at = now().plus_seconds(STEP_SECONDS);
    let key = SetupRecord::key(&signed_in.session.hash);
    let setup = Setup {
        token: setup.token,
        key: setup.key,
        recovery_codes: recovery::generate()?,
    };
    let record = SetupRecord {
        setup: signed_in.cipher.encrypt(&key, &setup)?,
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key,
        item: &record,
        condition: Condition::Anything,
    };
    table.put_with_retries(row).await.map(drop)
}

/// The viewer's pending setup, if any.
pub async fn setup(table: &Table, viewer: &Viewer, site_address: &str) -> Result<Option<SecondStepSetup>, AppError> {
    let signed_in = viewer.signed_in()?;
    let Some(setup) = pending_setup(table, signed_in).await? else {
        return Ok(None);
    };
    let address = otpauth(&signed_in.account.email, site_address, &setup.key);
    Ok(Some(SecondStepSetup {
        key: in_groups(&setup.key),
        qr: qr(&address)?,
        address,
        recovery_codes: setup.recovery_codes,
    }))
}

async fn pending_setup(table: &Table, signed_in: &SignedIn) -> Result<Option<Setup>, AppError> {
    let key = SetupRecord::key(&signed_in.session.hash);
    let record: Option<SetupRecord> = table.get(&key).await?;
    let record = record.filter(|record| record.ends_at > now());
    Ok(record.and_then(|record| signed_in.cipher.decrypt(&key, &record.setup)))
}

/// Turns the second step on, after a code from the app. Ends the account's other sessions.
pub async fn finish(table: &Table, identity: &Identity, viewer: &Viewer, code: &str, client: &Client) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    let setup = pending_setup(table, signed_in).await?.ok_or(UserError::SignInAgain)?;
    let email = Email::parse(&signed_in.account.email)?;
    let attempt = code_attempts::count_without_notification(table, CodeKind::Setup, &email, client).await?;
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    // The recovery codes first: with the second step on and without them, the loss of the app locks the user out.
    recovery::save(table, &signed_in.account.id, &setup.recovery_codes).await?;
    if let Err(failure) = identity.finish_totp_setup(&setup.token, &digits).await {
        table
            .delete_returning::<RecoveryRecord>(&RecoveryRecord::key(&signed_in.account.id))
            .await?;
        return Err(match failure {
            AppError::User(UserError::WrongSecondCode | UserError::WrongCode) => UserError::WrongAppCode.into(),
            failure => failure,
        });
    }
    attempt.undo().await?;
    table
        .delete_returning::<SetupRecord>(&SetupRecord::key(&signed_in.session.hash))
        .await?;
    notify(table, signed_in, true).await?;
    sessions::end_others(table, identity, viewer).await
}

/// Cancels the pending setup.
pub async fn cancel(table: &Table, viewer: &Viewer) -> Result<(), AppError> {
    let key = SetupRecord::key(&viewer.signed_in()?.session.hash);
    table.delete_returning::<SetupRecord>(&key).await.map(drop)
}

/// Turns the second step off; requires a code, so that the password alone cannot bypass it.
///
/// # Errors
/// As [`verify`].
pub async fn end(
    table: &Table,
    identity: &Identity,
    viewer: &Viewer,
    credentials: Credentials<'_>,
    client: &Client,
) -> Result<(), AppError> {
    let signed_in = viewer.signed_in()?;
    verify(table, identity, signed_in, credentials, client).await?;
    identity.require_second_step(&signed_in.account.id, false).await?;
    table
        .delete_returning::<RecoveryRecord>(&RecoveryRecord::key(&signed_in.account.id))
        .await?;
    notify(table, signed_in, false).await
}

async fn notify(table: &Table, signed_in: &SignedIn, on: bool) -> Result<(), AppError> {
    let to = To::Account(signed_in.account.id.clone());
    outbox::enqueue(table, &to, Notification::SecondStepChanged { on }).await
}

/// The key as a URI for authenticator apps (Google Authenticator's "Key URI Format").
fn otpauth(email: &str, site_address: &str, key: &str) -> String {
    let host = site_address.split("://").last().unwrap_or_default();
    let issuer = format!("Shoebox {}", host.split(':').next().unwrap_or_default());
    let escaped = |text: &str| {
        form_urlencoded::byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    let (issuer, email) = (escaped(&issuer), escaped(email));
    format!("otpauth://totp/{issuer}:{email}?secret={key}&issuer={issuer}")
}

fn in_groups(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    let groups = chars.chunks(4).map(|four| four.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

fn qr(text: &str) -> Result<Qr, AppError> {
    let code = QrCode::new(text).context("make a QR code")?;
    let (width, modules) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (at, _) in modules.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let (x, y) = (at % width + QUIET_ZONE, at / width + QUIET_ZONE);
        write!(path, "M{x} {y}h1v1h-1z").context("make a QR code")?;
    }
    Ok(Qr {
        side: width + 2 * QUIET_ZONE,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_uri_names_site_and_account() {
        assert_eq!(
            otpauth("ada@example.org", "https://photos.example.org", "ABCD"),
            "otpauth://totp/Shoebox%20photos.example.org:ada%40example.org?secret=ABCD&issuer=Shoebox%20photos.example.org"
        );
        assert_eq!(in_groups("ABCDEFGHI"), "ABCD EFGH I");
    }

    #[test]
    fn a_qr_code_has_a_light_margin() {
        let qr = qr("otpauth://totp/a?secret=b").expect("a code");
        assert!(qr.side > 2 * QUIET_ZONE + 20);
        assert!(
            qr.path.starts_with(&format!("M{QUIET_ZONE} {QUIET_ZONE}h1v1h-1z")),
            "the corner's mark"
        );
    }
}
