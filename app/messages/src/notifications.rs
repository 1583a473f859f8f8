//! Texts about notifications.

use model::notifications::NotificationKind;

pub const NOTIFICATIONS: &str = "Notifications";
pub const ALWAYS: &str = "You always get codes for signing up and for resetting your password.";
pub const BY_MAIL: &str = "emails";
pub const BY_TEXT: &str = "text messages";
pub const TEXTS: &str = "Text messages";
pub const TEXTS_HINT: &str = "We only text a number you’ve confirmed, and only about what you choose here.";
pub const PHONE: &str = "Phone number";
pub const PHONE_HINT: &str = "Include the country code, like +44 20 7946 0000. We’ll text you a code.";
pub const REMOVE_PHONE: &str = "Remove this number";
pub const UNSUBSCRIBE: &str = "Unsubscribe";
pub const UNSUBSCRIBED: &str = "You’re unsubscribed from these emails.";
pub const UNSUBSCRIBED_HINT: &str =
    "If you have an account, you can resubscribe on your account page. Codes are sent again after 30 days.";

/// Name of a kind of notification, and when it is sent.
pub fn kind(kind: NotificationKind) -> (&'static str, &'static str) {
    match kind {
        NotificationKind::Invitation => ("Invitations", "When someone invites you to this Shoebox."),
        NotificationKind::Attempt => (
            "Sign-up attempts with your email",
            "When someone tries to use your email address for another account.",
        ),
        NotificationKind::Change => (
            "Changes to your account",
            "When your password, email, phone number, two-factor authentication, passkeys or linked accounts change.",
        ),
        NotificationKind::Entry => (
            "Recovery codes and wrong codes",
            "When a recovery code is used, or someone enters too many wrong codes.",
        ),
        NotificationKind::Answer => ("Confirmations", "When something you requested is done, like an export."),
        NotificationKind::Code | NotificationKind::Unknown => (
            "Codes",
            "When someone enters your email address to create an account or to move one to it. Turning these off stops them for 30 days. You still get codes for resetting your password.",
        ),
    }
}

/// Whether a kind is on.
pub fn state(on: bool) -> &'static str {
    if on { "On" } else { "Off" }
}

/// A button that turns a kind on or off, and its accessible name. `by` is [`BY_MAIL`] or [`BY_TEXT`].
pub fn switch(of: NotificationKind, on: bool, by: &str) -> (&'static str, String) {
    let button = if on { "Turn off" } else { "Turn on" };
    (button, format!("{button} {by}: {}", kind(of).0))
}

/// The number that gets text messages.
pub fn texts_go_to(number: &str) -> String {
    format!("We text {number}.")
}

/// The number that a code was sent to.
pub fn code_sent_to_phone(number: &str) -> String {
    format!("We texted a code to {number}. Enter it to confirm the number.")
}
