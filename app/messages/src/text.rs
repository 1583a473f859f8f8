//! Texts of text messages. Each fits into one message: 160 characters of the GSM 03.38 alphabet.

use crate::NAME;
use model::notifications::Notification;

/// The message with a code.
pub fn code(code: &str) -> String {
    format!("{code} is your {NAME} code. It expires in fifteen minutes. If you did not request it, ignore this message.")
}

/// The text message for a notification; `None` if it is never sent as one. `site` is the site's address.
pub fn text(notification: &Notification, site: &str) -> Option<String> {
    let message = match notification {
        Notification::PasswordChanged => "Your password has changed.",
        Notification::AddressChanged { .. } => "Your account has moved to another email address.",
        Notification::SecondStepChanged { on: true } => "Two-factor authentication is on.",
        Notification::SecondStepChanged { on: false } => "Two-factor authentication is off.",
        Notification::PasskeyChanged { added: true } => "A passkey was added.",
        Notification::PasskeyChanged { added: false } => "A passkey was removed.",
        Notification::ProviderChanged { added: true, .. } => "A sign-in provider was linked to your account.",
        Notification::ProviderChanged { added: false, .. } => "A sign-in provider was unlinked from your account.",
        Notification::MailsStopped { .. } => "Security emails for your account were turned off.",
        Notification::RecoveryCodeUsed { .. } => "One of your recovery codes was used.",
        Notification::CodesGuessed { second_step: true } => "Someone with your password tried many wrong two-factor codes.",
        Notification::CodesGuessed { second_step: false } => "Someone tried many wrong codes for your account.",
        Notification::Invitation { .. }
        | Notification::AlreadyHere
        | Notification::SignUpCode
        | Notification::PasswordCode
        | Notification::AddressCode { .. }
        | Notification::AddressTaken
        | Notification::PhoneCode { .. }
        | Notification::PhoneChanged { .. }
        | Notification::ExportReady { .. }
        | Notification::AccountDeleted => return None,
    };
    Some(format!("{NAME}: {message} Not you? {site}/forgot"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::notifications::NotificationKind;

    #[test]
    fn each_fits_into_one_message() {
        let site = "https://d111111abcdef8.cloudfront.net";
        let all = [
            Notification::PasswordChanged,
            Notification::AddressChanged {
                to: String::new(),
                account: None,
            },
            Notification::SecondStepChanged { on: true },
            Notification::SecondStepChanged { on: false },
            Notification::PasskeyChanged { added: true },
            Notification::PasskeyChanged { added: false },
            Notification::ProviderChanged {
                provider: String::new(),
                added: true,
            },
            Notification::ProviderChanged {
                provider: String::new(),
                added: false,
            },
            Notification::MailsStopped {
                kind: NotificationKind::Change,
            },
            Notification::RecoveryCodeUsed { left: 9 },
            Notification::CodesGuessed { second_step: true },
            Notification::CodesGuessed { second_step: false },
        ];
        let texts = all.iter().filter_map(|notification| text(notification, site));
        for text in texts.chain([code("123456")]) {
            assert!(text.is_ascii() && text.len() <= 160, "{text}");
        }
    }
}
