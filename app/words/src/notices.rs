//! What the pages say about notices.

use model::notices::NoticeKind;

pub const NOTICES: &str = "Mails and text messages";
pub const ALWAYS: &str = "Codes for signing up and for a forgotten password always come.";
pub const BY_MAIL: &str = "by mail";
pub const BY_TEXT: &str = "by text message";
pub const TEXTS: &str = "Text messages";
pub const TEXTS_HINT: &str = "We send them only to a number that you have proved, and only what you choose here.";
pub const PHONE: &str = "Phone number";
pub const PHONE_HINT: &str = "With its country’s code, like +44 20 7946 0000. We text it a code.";
pub const REMOVE_PHONE: &str = "Remove this number";
pub const STOP_TITLE: &str = "Fewer mails";
pub const STOP: &str = "Stop these mails";
pub const STOPPED: &str = "These mails are stopped.";
pub const STOPPED_HINT: &str =
    "Who has an account can have them sent again, on the account’s page. Codes come again after 30 days.";

/// What a kind of notice is called, and when it comes.
pub fn kind(kind: NoticeKind) -> (&'static str, &'static str) {
    match kind {
        NoticeKind::Invitation => ("Invitations", "When somebody invites you to this Shoebox."),
        NoticeKind::Attempt => (
            "Sign-up attempts with your address",
            "When somebody enters it for an account of their own, though it is yours.",
        ),
        NoticeKind::Change => (
            "Changes to your account",
            "When its password, e-mail, phone number, two-factor authentication, passkeys or linked providers change.",
        ),
        NoticeKind::Entry => (
            "Recovery codes and guesses",
            "When a recovery code is used, or too many wrong codes are tried.",
        ),
        NoticeKind::Answer => ("Confirmations", "When what you have asked for is done."),
        NoticeKind::Code | NoticeKind::Unknown => (
            "Codes",
            "When your address is entered to create an account, or to move one there. Off, they stay away for 30 days; the code for a forgotten password comes all the same.",
        ),
    }
}

/// A choice's state.
pub fn state(on: bool) -> &'static str {
    if on { "On" } else { "Off" }
}

/// A choice's button, and what it is called by those who hear it among the others. `by` is [`BY_MAIL`] or [`BY_TEXT`].
pub fn switch(of: NoticeKind, on: bool, by: &str) -> (&'static str, String) {
    let button = if on { "Turn off" } else { "Turn on" };
    (button, format!("{button} {by}: {}", kind(of).0))
}

/// Where texts go.
pub fn texts_go_to(number: &str) -> String {
    format!("They go to {number}.")
}

/// Where a code went.
pub fn code_sent_to_phone(number: &str) -> String {
    format!("We texted a code to {number}. Enter it to show that the number is yours.")
}
