//! The authenticated viewer of a request.

use super::records::{AccountRecord, SessionRecord};
use crate::encrypted::Cipher;
use model::accounts::Group;
use model::ids::AlbumId;
use model::user_error::UserError;

/// The viewer of a request.
#[derive(Debug, Clone)]
pub enum Viewer {
    /// A user who is signed in.
    Account(Box<SignedIn>),
    /// A guest, by an album's link.
    Guest(Box<Guest>),
    /// A program with an access token.
    Program(Box<Program>),
    /// Not authenticated.
    Anonymous,
}

/// An account, and its session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub account: AccountRecord,
    /// The session.
    pub session: SessionRecord,
    /// Encrypts row attributes with the session's secret.
    pub cipher: Cipher,
}

/// A guest, and their session.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The only album that they may see.
    pub album: AlbumId,
    /// The session.
    pub session: SessionRecord,
}

/// The account that authorized a program. Programs cannot manage accounts and credentials.
#[derive(Debug, Clone)]
pub struct Program {
    /// The account.
    pub account: AccountRecord,
}

impl Viewer {
    /// The account that is signed in.
    ///
    /// # Errors
    /// [`UserError::SignInFirst`] for anybody else, also for guests and programs.
    pub fn signed_in(&self) -> Result<&SignedIn, UserError> {
        match self {
            Self::Account(signed_in) => Ok(signed_in),
            Self::Guest(_) | Self::Program(_) | Self::Anonymous => Err(UserError::SignInFirst),
        }
    }

    /// The viewer's session.
    pub fn session(&self) -> Option<&SessionRecord> {
        match self {
            Self::Account(signed_in) => Some(&signed_in.session),
            Self::Guest(guest) => Some(&guest.session),
            Self::Program(_) | Self::Anonymous => None,
        }
    }

    /// The account, if it is an operator's.
    ///
    /// # Errors
    /// [`UserError::SignInFirst`], or [`UserError::OperatorsOnly`].
    pub fn operator(&self) -> Result<&SignedIn, UserError> {
        let signed_in = self.signed_in()?;
        let allowed = signed_in.is(Group::Owner) || signed_in.is(Group::Operator);
        allowed.then_some(signed_in).ok_or(UserError::OperatorsOnly)
    }

    /// The account, if it is an owner's.
    ///
    /// # Errors
    /// [`UserError::SignInFirst`], or [`UserError::OwnerOnly`].
    pub fn owner(&self) -> Result<&SignedIn, UserError> {
        let signed_in = self.signed_in()?;
        signed_in.is(Group::Owner).then_some(signed_in).ok_or(UserError::OwnerOnly)
    }
}

impl SignedIn {
    /// Whether the account is in a group.
    pub fn is(&self, group: Group) -> bool {
        self.account.groups.contains(&group)
    }
}
