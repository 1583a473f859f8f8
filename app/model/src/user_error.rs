//! Errors that the user can act on.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An error that the user can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum UserError {
    /// Nobody is signed in.
    SignInFirst,
    /// It does not exist, or the viewer has no access: the response is the same.
    NotFound,
    /// The request came from another site.
    CrossSite,
    /// The request does not have the expected form.
    Malformed,
    /// Wrong address or password.
    WrongCredentials,
    /// The code is not the one that was sent.
    WrongCode,
    /// The code has expired.
    CodeExpired,
    /// Not the owner code that the deploy prints.
    WrongOwnerCode,
    /// Sign-up is closed.
    Closed,
    /// Not an e-mail address.
    BadEmail,
    /// Not a phone number with a country code.
    BadPhone,
    /// The password is too short or too simple.
    WeakPassword,
    /// A password that starts or ends with whitespace.
    PasswordWithBlanks,
    /// The new password is the old one.
    SamePassword,
    /// Rate limited.
    TooMany,
    /// Too many failed attempts for one account.
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
    /// Too many failed attempts from one network.
    TooManyFromHere {
        /// Minutes until it works again.
        minutes: u32,
    },
    /// The password that authorizes a change is wrong.
    WrongPassword,
    /// Not the authenticator app's code.
    WrongAppCode,
    /// The address already has an account.
    HasAccount,
    /// The code is neither the app's nor a recovery code.
    WrongSecondCode,
    /// The passkey is not the account's, or its response is to another challenge.
    WrongPasskey,
    /// The time between password and second step ran out.
    SignInAgain,
    /// The invitation was accepted, revoked, or has expired.
    InvitationEnded,
    /// The site has no sender for mails.
    NoMail,
    /// The site sends no text messages.
    NoTexts,
    /// The site sends no text messages to the number's country.
    NoTextsThere,
    /// A mail's link is incomplete or has expired.
    BrokenLink,
    /// Links cannot unsubscribe from mails about an account's security.
    NotByLink,
    /// The provider rejected the sign-in.
    ProviderRefused,
    /// The provider's response has expired, was used before, or belongs to another browser.
    ProviderTooLate,
    /// The provider has not verified the address.
    EmailNotProven,
    /// The address already has an account: signing in to it links the provider.
    LinkFirst,
    /// The identity at the provider is linked to another account.
    LinkedElsewhere,
    /// The site has no owner yet.
    NoOwnerYet,
    /// The site must keep an owner.
    LastOwner,
    /// Too many exports in a day.
    TooManyExports,
    /// Too many invitations by one operator in a day.
    TooManyInvitations,
    /// The account is being deleted.
    Leaving,
    /// The confirmation is missing.
    NotSure,
    /// An unsupported file type.
    UnsupportedKind,
    /// The file is empty.
    EmptyFile,
    /// The file is too large.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The library would exceed its storage quota.
    OverQuota {
        /// Bytes that it uses.
        used: u64,
        /// Its quota in bytes.
        quota: u64,
    },
    /// Too many uploads in a minute.
    TooManyGrants {
        /// Seconds until the next is allowed.
        seconds: u32,
    },
    /// The library has reached its limit of photos.
    TooManyPhotos {
        /// The limit.
        most: u32,
    },
    /// Not a valid limit of photos.
    BadPhotoLimit {
        /// The maximum.
        most: u32,
    },
    /// Not a valid quota in gigabytes.
    BadQuota {
        /// The maximum.
        most: u32,
    },
    /// Not a SHA-256 in base64.
    BadChecksum,
    /// The permission to upload has expired.
    GrantExpired,
    /// The bytes are not uploaded yet.
    NotThereYet,
    /// The photo is not waiting for an upload.
    NotExpected,
    /// The account is not an owner.
    OwnerOnly,
    /// The account is not an operator.
    OperatorsOnly,
}

impl UserError {
    /// Seconds until the same request may succeed, for `Retry-After`.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyGrants { seconds } => Some(*seconds),
            _ => None,
        }
    }
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for UserError {}
