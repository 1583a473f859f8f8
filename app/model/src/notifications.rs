//! Notifications by mail and text message.

use crate::ids::AccountId;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The recipient of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum To {
    /// An account, at the address that it has when the notification is sent.
    Account(AccountId),
    /// An address, whether it has an account or not.
    Address {
        /// The address.
        email: String,
    },
}

/// A notification. None carries a code or a link with a secret: the sender generates and signs those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Notification {
    /// An invitation to sign up.
    Invitation {
        /// The invitation.
        invitation: String,
        /// The address of the account that invites.
        by: String,
        /// When the invitation expires.
        ends_at: Time,
    },
    /// Somebody tried to sign up with the recipient's address, which already has an account.
    AlreadyHere,
    /// A code that verifies the address at sign-up.
    SignUpCode,
    /// A code that resets the password.
    PasswordCode,
    /// A code that verifies an account's new address.
    AddressCode {
        /// The account.
        account: AccountId,
    },
    /// Somebody tried to move an account to the recipient's address, which already has an account.
    AddressTaken,
    /// The account's address was changed.
    AddressChanged {
        /// The address.
        to: String,
        /// The account, whose phone is notified, too. Missing in version 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<AccountId>,
    },
    /// The account's password was changed.
    PasswordChanged,
    /// The second step was turned on or off.
    SecondStepChanged {
        /// Whether it is on.
        on: bool,
    },
    /// A passkey was added or removed.
    PasskeyChanged {
        /// Whether it was added.
        added: bool,
    },
    /// An identity at a provider was linked to the account, or unlinked.
    ProviderChanged {
        /// The provider.
        provider: String,
        /// Whether it was linked.
        added: bool,
    },
    /// The account's phone number was verified, or removed.
    PhoneChanged {
        /// Whether it was added.
        added: bool,
    },
    /// Security mails of a kind were turned off. Is sent nevertheless.
    MailsStopped {
        /// The kind of mails.
        kind: NotificationKind,
    },
    /// A recovery code was used.
    RecoveryCodeUsed {
        /// The number of unused codes.
        left: u32,
    },
    /// The daily limit of wrong codes was reached: the account accepts no more codes that day.
    CodesGuessed {
        /// Whether they were codes of the second step, which is asked after the password.
        second_step: bool,
    },
    /// A code that verifies a phone number. Is sent to that number only.
    PhoneCode {
        /// The account.
        account: AccountId,
    },
    /// The requested export is ready.
    ExportReady {
        /// Until when it can be downloaded.
        ends_at: Time,
    },
    /// The account and all of its data were deleted.
    AccountDeleted,
}

/// The topic of a notification, for which people turn notifications on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum NotificationKind {
    /// Invitations.
    Invitation,
    /// Attempts to use the address for another account.
    Attempt,
    /// Changes of credentials and of the address.
    Change,
    /// Use of recovery codes, and too many wrong codes.
    Entry,
    /// One-time codes.
    Code,
    /// Completion of what the user requested.
    Answer,
    /// A kind of a newer version.
    #[serde(other)]
    Unknown,
}

impl NotificationKind {
    /// Kinds that are sent by mail. Each can be turned off.
    pub const BY_MAIL: [Self; 6] = [
        Self::Invitation,
        Self::Attempt,
        Self::Change,
        Self::Entry,
        Self::Code,
        Self::Answer,
    ];

    /// Kinds about the account's security. No link unsubscribes from them, and turning them off on the account page sends a last mail.
    pub const GUARDS: [Self; 2] = [Self::Change, Self::Entry];

    /// Kinds that are also available as text messages.
    pub const BY_PHONE: [Self; 2] = [Self::Change, Self::Entry];

    /// Its name in URLs and keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Attempt => "attempt",
            Self::Change => "change",
            Self::Entry => "entry",
            Self::Code => "code",
            Self::Answer => "answer",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it is sent by mail.
    pub fn is_by_mail(self) -> bool {
        Self::BY_MAIL.contains(&self)
    }

    /// Whether it is about the account's security.
    pub fn is_guard(self) -> bool {
        Self::GUARDS.contains(&self)
    }

    /// Whether it is also available as text messages.
    pub fn is_by_phone(self) -> bool {
        Self::BY_PHONE.contains(&self)
    }
}

impl Notification {
    /// Whether it is sent by mail even if its kind is off: the code to reset a password, and the mail about turning mails off.
    pub fn always_comes(&self) -> bool {
        matches!(self, Self::PasswordCode | Self::MailsStopped { .. })
    }

    /// Its kind.
    pub fn kind(&self) -> NotificationKind {
        match self {
            Self::Invitation { .. } => NotificationKind::Invitation,
            Self::AlreadyHere | Self::AddressTaken => NotificationKind::Attempt,
            Self::AddressChanged { .. }
            | Self::PasswordChanged
            | Self::SecondStepChanged { .. }
            | Self::PasskeyChanged { .. }
            | Self::ProviderChanged { .. }
            | Self::PhoneChanged { .. }
            | Self::MailsStopped { .. } => NotificationKind::Change,
            Self::RecoveryCodeUsed { .. } | Self::CodesGuessed { .. } => NotificationKind::Entry,
            Self::SignUpCode | Self::PasswordCode | Self::AddressCode { .. } | Self::PhoneCode { .. } => NotificationKind::Code,
            Self::ExportReady { .. } | Self::AccountDeleted => NotificationKind::Answer,
        }
    }
}

/// A kind of notification, and whether it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The kind.
    pub kind: NotificationKind,
    /// Whether it is on.
    pub on: bool,
}

/// Notification settings of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Kinds of mails.
    pub mails: Vec<Choice>,
    /// Text messages; `None` if the site sends none.
    pub texts: Option<Texts>,
}

/// Text message settings of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// The verified number.
    pub number: Option<String>,
    /// The number that is being verified.
    pub waiting: Option<String>,
    /// Kinds of text messages.
    pub kinds: Vec<Choice>,
}
