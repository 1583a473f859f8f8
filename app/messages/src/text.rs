//! Texts of text messages. Each fits into one message: 160 characters of the GSM 03.38 alphabet.

use crate::NAME;
use model::notices::Notice;

/// The message with a code.
pub fn code(code: &str) -> String {
    format!("{code} is your {NAME} code. It expires in fifteen minutes. If you did not request it, ignore this message.")
}

/// The text message for a notice; `None` if it is never sent as one. `site` is the site's address.
pub fn text(notice: &Notice, site: &str) -> Option<String> {
    let message = match notice {
        Notice::PasswordChanged => "Your password has changed.",
        Notice::AddressChanged { .. } => "Your account has moved to another email address.",
        Notice::SecondStepChanged { on: true } => "Two-factor authentication is on.",
        Notice::SecondStepChanged { on: false } => "Two-factor authentication is off.",
        Notice::PasskeyChanged { added: true } => "A passkey was added.",
        Notice::PasskeyChanged { added: false } => "A passkey was removed.",
        Notice::ProviderChanged { added: true, .. } => "A sign-in provider was linked to your account.",
        Notice::ProviderChanged { added: false, .. } => "A sign-in provider was unlinked from your account.",
        Notice::MailsStopped { .. } => "Security emails for your account were turned off.",
        Notice::RecoveryCodeUsed { .. } => "One of your recovery codes was used.",
        Notice::CodesGuessed { second_step: true } => "Someone with your password tried many wrong two-factor codes.",
        Notice::CodesGuessed { second_step: false } => "Someone tried many wrong codes for your account.",
        Notice::Invitation { .. }
        | Notice::AlreadyHere
        | Notice::SignUpCode
        | Notice::PasswordCode
        | Notice::AddressCode { .. }
        | Notice::AddressTaken
        | Notice::PhoneCode { .. }
        | Notice::PhoneChanged { .. }
        | Notice::ExportReady { .. }
        | Notice::AccountDeleted => return None,
    };
    Some(format!("{NAME}: {message} Not you? {site}/forgot"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::notices::NoticeKind;

    #[test]
    fn each_fits_into_one_message() {
        let site = "https://d111111abcdef8.cloudfront.net";
        let all = [
            Notice::PasswordChanged,
            Notice::AddressChanged {
                to: String::new(),
                account: None,
            },
            Notice::SecondStepChanged { on: true },
            Notice::SecondStepChanged { on: false },
            Notice::PasskeyChanged { added: true },
            Notice::PasskeyChanged { added: false },
            Notice::ProviderChanged {
                provider: String::new(),
                added: true,
            },
            Notice::ProviderChanged {
                provider: String::new(),
                added: false,
            },
            Notice::MailsStopped {
                kind: NoticeKind::Change,
            },
            Notice::RecoveryCodeUsed { left: 9 },
            Notice::CodesGuessed { second_step: true },
            Notice::CodesGuessed { second_step: false },
        ];
        let texts = all.iter().filter_map(|notice| text(notice, site));
        for text in texts.chain([code("123456")]) {
            assert!(text.is_ascii() && text.len() <= 160, "{text}");
        }
    }
}
