//! What text messages say: short, and in letters that fit 160 into one message (GSM 03.38).

use crate::NAME;
use model::notices::Notice;

/// The text that carries a code.
pub fn code(code: &str) -> String {
    format!("{code} is your {NAME} code. It is good for fifteen minutes. If you did not ask for it, do nothing.")
}

/// What a notice says as a text message; `None` where it never goes as one. `site` is where to look.
pub fn text(notice: &Notice, site: &str) -> Option<String> {
    let news = match notice {
        Notice::PasswordChanged => "Your password has changed.",
        Notice::AddressChanged { .. } => "Your account has moved to another e-mail.",
        Notice::SecondStepChanged { on: true } => "Two-factor authentication is on.",
        Notice::SecondStepChanged { on: false } => "Two-factor authentication is off.",
        Notice::PasskeyChanged { added: true } => "A passkey was added.",
        Notice::PasskeyChanged { added: false } => "A passkey was taken away.",
        Notice::ProviderChanged { added: true, .. } => "Another provider can sign you in from now on.",
        Notice::ProviderChanged { added: false, .. } => "Another provider signs you in no more.",
        Notice::MailsStopped { .. } => "Mails that guard your account were turned off.",
        Notice::RecoveryCodeUsed { .. } => "One of your recovery codes was used.",
        Notice::CodesGuessed { second_step: true } => "Somebody with your password tried many wrong two-factor codes.",
        Notice::CodesGuessed { second_step: false } => "Somebody tried many wrong codes for your account.",
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
    Some(format!("{NAME}: {news} Was that not you? {site}/forgot"))
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
