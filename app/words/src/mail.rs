//! What mails say.

use crate::{NAME, date};
use model::notices::Notice;

/// A mail's words. The link, where there is one, is the sender's to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The subject.
    pub subject: String,
    /// What it says, a paragraph each.
    pub paragraphs: Vec<String>,
    /// What its link is called.
    pub link: Option<&'static str>,
    /// Why it came, and what to do about it.
    pub reason: &'static str,
    /// What the link is called that stops mails like it.
    pub stop: &'static str,
}

/// What is drawn or looked up when a mail is sent.
#[derive(Debug, Clone, Default)]
pub struct Drawn {
    /// The code that it carries.
    pub code: Option<String>,
}

const NO_MORE: &str = "No more mails like this";
const MOVE: &str = "You get this mail because your address was entered at a Shoebox, to move an account there. If that wasn’t you, do nothing: without the code nothing happens.";
const SIGN_UP: &str = "You get this mail because your address was entered at a Shoebox, to create an account. If that wasn’t you, do nothing: without the code nothing happens.";
const FORGOTTEN: &str = "You get this mail because somebody said at a Shoebox that they forgot the password of your account. If that wasn’t you, do nothing: your password stays as it is.";
const ASKED: &str = "You get this mail because your address was entered at a Shoebox. If that wasn’t you, do nothing: without you it is of no use to anybody.";
const ANSWERS: &str = "You get this mail because you asked for it on your account’s page. It is the only one about it.";
const GUARDS: &str = "You get this mail because it is about who can sign in to your account.";

/// Subject, paragraphs, link and reason of a mail that brings a code, and says where it is entered.
fn with_code(
    subject: String,
    code: &str,
    enter: &str,
    reason: &'static str,
) -> (String, Vec<String>, Option<&'static str>, &'static str) {
    let paragraphs = vec![
        format!("Your code is {code}. {enter}"),
        "It is good for fifteen minutes.".into(),
    ];
    (subject, paragraphs, None, reason)
}

/// The words of a notice; `None` for one that never goes by mail.
pub fn letter(notice: &Notice, drawn: &Drawn) -> Option<Letter> {
    let code = drawn.code.as_deref().unwrap_or_default();
    let (subject, paragraphs, link, reason) = match notice {
        Notice::Invitation { by, ends_at, .. } => (
            format!("{by} invites you to {NAME}"),
            vec![
                format!("{by} keeps photos in a Shoebox and asks you to come in. You will have a library of your own there."),
                format!("The invitation is good until {}.", date(*ends_at)),
            ],
            Some("Come in"),
            "You get this mail because somebody entered your address to invite you. If you don’t want to come, do nothing: nothing more comes of it.",
        ),
        Notice::AlreadyHere => (
            format!("You already have a {NAME} account"),
            vec!["Somebody wanted to create an account with your address. It has one already: sign in with it, or set another password if you have forgotten yours.".into()],
            Some("Sign in"),
            ASKED,
        ),
        Notice::SignUpCode => with_code(
            format!("{code} is your {NAME} code"),
            code,
            "Enter it on the page where you create your account, and choose a password.",
            SIGN_UP,
        ),
        Notice::PasswordCode => with_code(
            format!("{code} sets another {NAME} password"),
            code,
            "Enter it on the page where you set another password.",
            FORGOTTEN,
        ),
        Notice::AddressCode { .. } => with_code(
            format!("{code} is your {NAME} code"),
            code,
            "Enter it on your account’s page, and your account moves to this address.",
            MOVE,
        ),
        Notice::AddressTaken => (
            format!("Your address already has a {NAME} account"),
            vec!["Somebody wanted to move another account to your address. It has an account already, so nothing happened.".into()],
            None,
            ASKED,
        ),
        Notice::AddressChanged { to, .. } => (
            format!("Your {NAME} account has moved"),
            vec![format!("Your account has moved to {to}. From now on you sign in with that address.")],
            None,
            GUARDS,
        ),
        Notice::PasswordChanged => (
            format!("Your {NAME} password has changed"),
            vec![
                "Your password has changed, and every other place where you were signed in is signed out.".into(),
                "If that wasn’t you, set another password now.".into(),
            ],
            Some("Set another password"),
            GUARDS,
        ),
        Notice::SecondStepChanged { on } => (
            format!("Two-factor authentication for your {NAME} account"),
            vec![match on {
                true => "Two-factor authentication is on: signing in now also asks for a code from your authenticator app.".into(),
                false => "Two-factor authentication is off: your password alone signs you in now.".into(),
            }],
            None,
            GUARDS,
        ),
        Notice::PasskeyChanged { added } => (
            format!("Your {NAME} account’s passkeys"),
            vec![
                match added {
                    true => "A passkey was added to your account: from now on it lets in whoever has it.".into(),
                    false => "A passkey was taken away from your account.".into(),
                },
                "If that wasn’t you, set another password now, and look at the passkeys on your account’s page.".into(),
            ],
            Some("Set another password"),
            GUARDS,
        ),
        Notice::ProviderChanged { provider, added } => (
            match added {
                true => format!("{provider} was linked to your {NAME} account"),
                false => format!("{provider} was unlinked from your {NAME} account"),
            },
            vec![
                match added {
                    true => format!("From now on a sign-in at {provider} lets into your account, too."),
                    false => format!("From now on a sign-in at {provider} lets into your account no more."),
                },
                "If that wasn’t you, set another password now, and look at the ways to sign in on your account’s page.".into(),
            ],
            Some("Set another password"),
            GUARDS,
        ),
        Notice::PhoneChanged { added } => (
            match added {
                true => format!("A phone number was added to your {NAME} account"),
                false => format!("The phone number was removed from your {NAME} account"),
            },
            vec![
                match added {
                    true => "A phone number was added to your account. Text messages about it go there, as far as they are turned on.".into(),
                    false => "The phone number was removed from your account. No text messages about it are sent any more.".into(),
                },
                "If that wasn’t you, set another password now, and look at the number on your account’s page.".into(),
            ],
            Some("Set another password"),
            GUARDS,
        ),
        Notice::MailsStopped { kind } => (
            format!("Fewer mails about your {NAME} account"),
            vec![
                format!("Mails of this kind were turned off on your account’s page: {}. This is the last one.", crate::notices::kind(*kind).0),
                "If that wasn’t you, turn them on again, end the places where you are signed in that you don’t know, and set another password.".into(),
            ],
            Some("Look at your account"),
            GUARDS,
        ),
        Notice::RecoveryCodeUsed { left } => (
            format!("A recovery code of your {NAME} account was used"),
            vec![
                "Somebody who knows your password used one of your recovery codes, to sign in to your account or to change it.".into(),
                format!("{left} are left. If that wasn’t you, set another password now."),
            ],
            Some("Set another password"),
            GUARDS,
        ),
        Notice::CodesGuessed { second_step: true } => (
            format!("Wrong two-factor codes for your {NAME} account"),
            vec![
                "Somebody who knows your password tried too many wrong two-factor codes today. Until midnight (UTC) your account takes none from browsers that it doesn’t know; one that you signed in with before has tries of its own.".into(),
                "If that wasn’t you, set another password now.".into(),
            ],
            Some("Set another password"),
            GUARDS,
        ),
        Notice::CodesGuessed { second_step: false } => (
            format!("Wrong codes for your {NAME} account"),
            vec![
                "Somebody tried too many wrong codes today to set another password for your account. Until midnight (UTC) it takes none from browsers that it doesn’t know; one that you signed in with before has tries of its own.".into(),
                "If that wasn’t you, do nothing: without the code from your mailbox nothing happens.".into(),
            ],
            None,
            GUARDS,
        ),
        Notice::ExportReady { ends_at } => (
            format!("Your {NAME} copy is there"),
            vec![
                "The copy of everything that you asked for is made. You find it on your account’s page.".into(),
                format!("It is kept until {}.", date(*ends_at)),
            ],
            Some("Fetch it"),
            ANSWERS,
        ),
        Notice::AccountDeleted => (
            format!("Your {NAME} account is deleted"),
            vec![
                "Nothing is left of your account: not your photos, with everything made of them, nor what we knew of you.".into(),
                "Backups of the list of photos, which nobody reads, end by themselves within 35 days.".into(),
            ],
            None,
            ANSWERS,
        ),
        Notice::PhoneCode { .. } => return None,
    };
    Some(Letter {
        subject,
        paragraphs,
        link,
        reason,
        stop: NO_MORE,
    })
}
