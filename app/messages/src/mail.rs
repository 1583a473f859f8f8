//! Texts of emails.

use crate::{NAME, date};
use model::notifications::Notification;

/// An email's text. The sender signs its links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailTemplate {
    /// The subject.
    pub subject: String,
    /// The paragraphs.
    pub paragraphs: Vec<String>,
    /// Text of its link, if it has one.
    pub link: Option<&'static str>,
    /// Why the recipient gets it.
    pub reason: &'static str,
    /// Text of the link that unsubscribes.
    pub unsubscribe: &'static str,
}

/// Values that are generated when an email is sent.
#[derive(Debug, Clone, Default)]
pub struct EmailValues {
    /// The code in the email.
    pub code: Option<String>,
}

const UNSUBSCRIBE: &str = "Unsubscribe from emails like this";
const REASON_MOVE: &str = "You received this email because someone entered your address at a Shoebox to move an account to it. If that wasn’t you, ignore this email: nothing happens without the code.";
const REASON_SIGN_UP: &str = "You received this email because someone entered your address at a Shoebox to create an account. If that wasn’t you, ignore this email: nothing happens without the code.";
const REASON_RESET: &str = "You received this email because someone asked to reset the password of your account at a Shoebox. If that wasn’t you, ignore this email: your password stays the same.";
const REASON_ADDRESS_ENTERED: &str = "You received this email because someone entered your address at a Shoebox. If that wasn’t you, ignore this email: nothing about your account has changed.";
const REASON_REQUESTED: &str =
    "You received this email because you requested this on your account page. We won’t send another one about it.";
const REASON_SECURITY: &str = "You received this email because it is about the security of your account.";

/// Subject, paragraphs, link and reason of an email with a code.
fn with_code(
    subject: String,
    code: &str,
    enter: &str,
    reason: &'static str,
) -> (String, Vec<String>, Option<&'static str>, &'static str) {
    let paragraphs = vec![
        format!("Your code is {code}. {enter}"),
        "It expires in fifteen minutes.".into(),
    ];
    (subject, paragraphs, None, reason)
}

/// The email for a notification; `None` if it is never sent by email.
pub fn email(notification: &Notification, values: &EmailValues) -> Option<EmailTemplate> {
    let code = values.code.as_deref().unwrap_or_default();
    let (subject, paragraphs, link, reason) = match notification {
        Notification::Invitation { by, ends_at, .. } => (
            format!("{by} invited you to {NAME}"),
            vec![
                format!("{by} keeps photos in a Shoebox and invited you to join. You’ll get your own photo library there."),
                format!("The invitation expires on {}.", date(*ends_at)),
            ],
            Some("Accept invitation"),
            "You received this email because someone entered your address to invite you. If you don’t want to join, ignore this email.",
        ),
        Notification::AlreadyHere => (
            format!("You already have a {NAME} account"),
            vec!["Someone tried to create an account with your address. It already has one: sign in, or reset your password if you’ve forgotten it.".into()],
            Some("Sign in"),
            REASON_ADDRESS_ENTERED,
        ),
        Notification::SignUpCode => with_code(
            format!("{code} is your {NAME} code"),
            code,
            "Enter it on the page where you create your account, and choose a password.",
            REASON_SIGN_UP,
        ),
        Notification::PasswordCode => with_code(
            format!("Your {NAME} password reset code is {code}"),
            code,
            "Enter it on the page where you reset your password.",
            REASON_RESET,
        ),
        Notification::AddressCode { .. } => with_code(
            format!("{code} is your {NAME} code"),
            code,
            "Enter it on your account page to move your account to this address.",
            REASON_MOVE,
        ),
        Notification::AddressTaken => (
            format!("Your address already has a {NAME} account"),
            vec!["Someone tried to move another account to your address. It already has an account, so nothing was changed.".into()],
            None,
            REASON_ADDRESS_ENTERED,
        ),
        Notification::AddressChanged { to, .. } => (
            format!("Your {NAME} account has moved"),
            vec![format!("Your account has moved to {to}. From now on, sign in with that address.")],
            None,
            REASON_SECURITY,
        ),
        Notification::PasswordChanged => (
            format!("Your {NAME} password has changed"),
            vec![
                "Your password has changed, and you were signed out on all other devices.".into(),
                "If that wasn’t you, reset your password now.".into(),
            ],
            Some("Reset password"),
            REASON_SECURITY,
        ),
        Notification::SecondStepChanged { on } => (
            format!("Two-factor authentication for your {NAME} account"),
            vec![match on {
                true => "Two-factor authentication is on. When you sign in, you’ll also enter a code from your authenticator app.".into(),
                false => "Two-factor authentication is off. You now sign in with your password only.".into(),
            }],
            None,
            REASON_SECURITY,
        ),
        Notification::PasskeyChanged { added } => (
            format!("Your {NAME} account’s passkeys"),
            vec![
                match added {
                    true => "A passkey was added to your account. Anyone who has it can sign in.".into(),
                    false => "A passkey was removed from your account.".into(),
                },
                "If that wasn’t you, reset your password now and check the passkeys on your account page.".into(),
            ],
            Some("Reset password"),
            REASON_SECURITY,
        ),
        Notification::ProviderChanged { provider, added } => (
            match added {
                true => format!("{provider} was linked to your {NAME} account"),
                false => format!("{provider} was unlinked from your {NAME} account"),
            },
            vec![
                match added {
                    true => format!("From now on, you can also sign in to your account with {provider}."),
                    false => format!("You can no longer sign in to your account with {provider}."),
                },
                "If that wasn’t you, reset your password now and check the ways to sign in on your account page.".into(),
            ],
            Some("Reset password"),
            REASON_SECURITY,
        ),
        Notification::PhoneChanged { added } => (
            match added {
                true => format!("A phone number was added to your {NAME} account"),
                false => format!("The phone number was removed from your {NAME} account"),
            },
            vec![
                match added {
                    true => "A phone number was added to your account. The text messages you turn on are sent to it.".into(),
                    false => "The phone number was removed from your account. You won’t get any more text messages about your account.".into(),
                },
                "If that wasn’t you, reset your password now and check the number on your account page.".into(),
            ],
            Some("Reset password"),
            REASON_SECURITY,
        ),
        Notification::MailsStopped { kind } => (
            format!("Some emails about your {NAME} account are off"),
            vec![
                format!("These emails were turned off on your account page: {}. This is the last one.", crate::notifications::kind(*kind).0),
                "If that wasn’t you, turn them on again, sign out any devices you don’t recognise and reset your password.".into(),
            ],
            Some("Review your account"),
            REASON_SECURITY,
        ),
        Notification::RecoveryCodeUsed { left } => (
            format!("A recovery code for your {NAME} account was used"),
            vec![
                "Someone who knows your password used one of your recovery codes to sign in to your account or to change it.".into(),
                format!("You have {left} left. If that wasn’t you, reset your password now."),
            ],
            Some("Reset password"),
            REASON_SECURITY,
        ),
        Notification::CodesGuessed { second_step: true } => (
            format!("Wrong two-factor codes for your {NAME} account"),
            vec![
                "Someone who knows your password tried too many wrong two-factor codes today. Until midnight (UTC), codes only work in browsers you’ve signed in with before.".into(),
                "If that wasn’t you, reset your password now.".into(),
            ],
            Some("Reset password"),
            REASON_SECURITY,
        ),
        Notification::CodesGuessed { second_step: false } => (
            format!("Wrong codes for your {NAME} account"),
            vec![
                "Someone tried too many wrong codes today to reset the password of your account. Until midnight (UTC), codes only work in browsers you’ve signed in with before.".into(),
                "If that wasn’t you, ignore this email: nobody can reset your password without the code we email you.".into(),
            ],
            None,
            REASON_SECURITY,
        ),
        Notification::ExportReady { ends_at } => (
            format!("Your {NAME} export is ready"),
            vec![
                "The export you requested is ready. You can download it from your account page.".into(),
                format!("It is available until {}.", date(*ends_at)),
            ],
            Some("Go to your export"),
            REASON_REQUESTED,
        ),
        Notification::AccountDeleted => (
            format!("Your {NAME} account is deleted"),
            vec![
                "Your account has been deleted, with all your photos and all the data we had about you.".into(),
                "Backups of the list of photos are deleted automatically within 35 days.".into(),
            ],
            None,
            REASON_REQUESTED,
        ),
        Notification::PhoneCode { .. } => return None,
    };
    Some(EmailTemplate {
        subject,
        paragraphs,
        link,
        reason,
        unsubscribe: UNSUBSCRIBE,
    })
}
