//! Notifications by mail and text message.

use crate::ids::AccountId;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The recipient of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum To {
    /// An account, at the address that it has when the notice is sent.
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
pub enum Notice {
    /// They may come in.
    Invitation {
        /// The invitation.
        invitation: String,
        /// Who invites.
        by: String,
        /// Until when it can be taken.
        ends_at: Time,
    },
    /// Somebody signed up with their address, which has an account.
    AlreadyHere,
    /// A code proves that the address is whose who wants an account.
    SignUpCode,
    /// A code lets who reads the mailbox set another password.
    PasswordCode,
    /// A code proves that an account may move to this address.
    AddressCode {
        /// The account.
        account: AccountId,
    },
    /// Somebody wanted to move to their address, which has an account.
    AddressTaken,
    /// Their account moved to another address.
    AddressChanged {
        /// The address.
        to: String,
        /// The account, whose phone hears of it, too. Version 1 did not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<AccountId>,
    },
    /// Their password was changed.
    PasswordChanged,
    /// The second step was turned on or off.
    SecondStepChanged {
        /// Whether it is on.
        on: bool,
    },
    /// A passkey was added or taken away.
    PasskeyChanged {
        /// Whether it was added.
        added: bool,
    },
    /// Another provider's user was linked to their account, or is no longer.
    ProviderChanged {
        /// The provider.
        provider: String,
        /// Whether it was linked.
        added: bool,
    },
    /// A phone number was proved to be their account's, or was taken away.
    PhoneChanged {
        /// Whether it was proved.
        added: bool,
    },
    /// Mails that guard their account were turned off. It comes all the same.
    MailsStopped {
        /// What they are about.
        kind: NoticeKind,
    },
    /// A recovery code was used.
    RecoveryCodeUsed {
        /// Codes that are left.
        left: u32,
    },
    /// So many wrong codes were tried that their account takes none any more that day.
    CodesGuessed {
        /// Whether they were the second step's, for which one needs the password.
        second_step: bool,
    },
    /// A code proves that a phone number is an account's. It goes to that number alone.
    PhoneCode {
        /// The account.
        account: AccountId,
    },
    /// The copy of everything that they asked for is there.
    ExportReady {
        /// Until when it can be fetched.
        ends_at: Time,
    },
    /// Their account and all that was in it is gone.
    AccountDeleted,
}

/// The topic of a notice, for which people turn notifications on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum NoticeKind {
    /// Somebody asks them to come.
    Invitation,
    /// Somebody entered their address for an account of their own.
    Attempt,
    /// What lets somebody into their account is not what it was.
    Change,
    /// Somebody used a recovery code of their account, or guessed at its codes.
    Entry,
    /// A code.
    Code,
    /// An answer to what they asked for.
    Answer,
    /// One that only newer code knows.
    #[serde(other)]
    Unknown,
}

impl NoticeKind {
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

impl Notice {
    /// Whether it is sent by mail even if its kind is off: the code to reset a password, and the mail about turning mails off.
    pub fn always_comes(&self) -> bool {
        matches!(self, Self::PasswordCode | Self::MailsStopped { .. })
    }

    /// Its kind.
    pub fn kind(&self) -> NoticeKind {
        match self {
            Self::Invitation { .. } => NoticeKind::Invitation,
            Self::AlreadyHere | Self::AddressTaken => NoticeKind::Attempt,
            Self::AddressChanged { .. }
            | Self::PasswordChanged
            | Self::SecondStepChanged { .. }
            | Self::PasskeyChanged { .. }
            | Self::ProviderChanged { .. }
            | Self::PhoneChanged { .. }
            | Self::MailsStopped { .. } => NoticeKind::Change,
            Self::RecoveryCodeUsed { .. } | Self::CodesGuessed { .. } => NoticeKind::Entry,
            Self::SignUpCode | Self::PasswordCode | Self::AddressCode { .. } | Self::PhoneCode { .. } => NoticeKind::Code,
            Self::ExportReady { .. } | Self::AccountDeleted => NoticeKind::Answer,
        }
    }
}

/// A kind of notification, and whether it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The kind.
    pub kind: NoticeKind,
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
