//! Noes that a visitor may see, and can do something about.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A no that a visitor may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// Nobody is signed in.
    SignInFirst,
    /// It is not there, or not theirs: both answer alike.
    NotFound,
    /// The request came from another site.
    CrossSite,
    /// The request does not have the expected form.
    Malformed,
    /// Address and password do not belong together.
    WrongCredentials,
    /// The code is not the one that was sent.
    WrongCode,
    /// The code is too old.
    CodeExpired,
    /// Not the code that the deploy printed.
    WrongOwnerCode,
    /// The site takes no new accounts.
    Closed,
    /// Not an e-mail address.
    BadEmail,
    /// Not a phone number with its country's code.
    BadPhone,
    /// The password is too short or too simple.
    WeakPassword,
    /// A blank at the beginning or the end of a password, where nobody sees it.
    PasswordWithBlanks,
    /// The new password is the old one.
    SamePassword,
    /// Too many tries; later it will work again.
    TooMany,
    /// Too many wrong tries for one account.
    LockedOut {
        /// Minutes until it works again.
        minutes: u32,
    },
    /// Too many wrong codes for one account in a day.
    TooManyCodes {
        /// Minutes until it takes codes again.
        minutes: u32,
    },
    /// Too many mails to one address.
    TooManyMails {
        /// Minutes until the next can be sent.
        minutes: u32,
    },
    /// Too many text messages to one number, or for one account.
    TooManyTexts {
        /// Minutes until the next can be sent.
        minutes: u32,
    },
    /// Too many wrong tries from one network.
    TooManyFromHere {
        /// Minutes until it works again.
        minutes: u32,
    },
    /// The password that guards a change is wrong.
    WrongPassword,
    /// Not the code that the app shows.
    WrongAppCode,
    /// The address has an account of this site.
    HasAccount,
    /// The code is neither the app's nor a recovery code.
    WrongSecondCode,
    /// The passkey is none of the account's, or its answer is to another question.
    WrongPasskey,
    /// Signing in took too long between its two steps.
    SignInAgain,
    /// The invitation was taken, taken back, or is too old.
    InvitationEnded,
    /// The site has no sender for mails.
    NoMail,
    /// The site sends no text messages.
    NoTexts,
    /// The site sends no text messages to the number's country.
    NoTextsThere,
    /// A mail's link is not whole, or too old.
    BrokenLink,
    /// No link stops mails that guard an account.
    NotByLink,
    /// Another provider did not say who it is.
    ProviderRefused,
    /// What came back from another provider is too old, was used, or belongs to another browser.
    ProviderTooLate,
    /// The provider does not say that the address was proved.
    EmailNotProven,
    /// The address has an account: a sign-in there links the provider.
    LinkFirst,
    /// What the provider says is linked to another account.
    LinkedElsewhere,
    /// The site waits for its owner.
    NoOwnerYet,
    /// The site must keep an owner.
    LastOwner,
    /// Too many exports in a day.
    TooManyExports,
    /// Too many invitations by one operator in a day.
    TooManyInvitations,
    /// The account is being deleted.
    Leaving,
    /// Not said that one is sure.
    NotSure,
    /// Not a kind of file that is developed.
    UnsupportedKind,
    /// The file has no bytes.
    EmptyFile,
    /// The file is too large.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The library would take more room than it may.
    OverQuota {
        /// Bytes that it takes.
        used: u64,
        /// Bytes that it may take.
        quota: u64,
    },
    /// The account asked for more uploads in a minute than are granted in one.
    TooManyGrants {
        /// Seconds until the next is granted.
        seconds: u32,
    },
    /// The library has as many photos as it may.
    TooManyPhotos {
        /// How many these are.
        most: u32,
    },
    /// Not a number of photos that a library can be limited to.
    BadPhotoLimit {
        /// The most.
        most: u32,
    },
    /// Not a number of gigabytes that a library can be given.
    BadQuota {
        /// The most.
        most: u32,
    },
    /// Not a SHA-256 in base64.
    BadChecksum,
    /// The permission to upload has ended.
    GrantExpired,
    /// The bytes are not there yet.
    NotThereYet,
    /// The photo waits for no bytes.
    NotExpected,
    /// The account does not own the site.
    OwnerOnly,
    /// The account does not look after the site.
    OperatorsOnly,
}

impl Refusal {
    /// Seconds after which the same question is answered, where that is all there is to do.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyGrants { seconds } => Some(*seconds),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Refusal {}
