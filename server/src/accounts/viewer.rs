//! Who looks, as the front door found out.

use super::records::{AccountRecord, SessionRecord};
use crate::encrypted::Cipher;
use model::accounts::Group;
use model::ids::AlbumId;
use model::refusals::Refusal;

/// Whoever looks.
#[derive(Debug, Clone)]
pub enum Viewer {
    /// Somebody signed in.
    Account(Box<SignedIn>),
    /// Somebody who came by an album's link.
    Guest(Box<Guest>),
    /// A program that an account let in.
    Program(Box<Program>),
    /// Anybody.
    NoOne,
}

/// An account, and the session it came with.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub account: AccountRecord,
    /// The session.
    pub session: SessionRecord,
    /// What rows have for this session alone is encrypted with its secret.
    pub cipher: Cipher,
}

/// A guest, and the session they came with.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The one album that they may enter.
    pub album: AlbumId,
    /// The session.
    pub session: SessionRecord,
}

/// An account whose program asks. Who one is and who may come in are for people.
#[derive(Debug, Clone)]
pub struct Program {
    /// The account.
    pub account: AccountRecord,
}

impl Viewer {
    /// The account that is signed in.
    ///
    /// # Errors
    /// [`Refusal::SignInFirst`] when none is; neither guests nor programs are.
    pub fn signed_in(&self) -> Result<&SignedIn, Refusal> {
        match self {
            Self::Account(signed_in) => Ok(signed_in),
            Self::Guest(_) | Self::Program(_) | Self::NoOne => Err(Refusal::SignInFirst),
        }
    }

    /// The session that the viewer came with.
    pub fn session(&self) -> Option<&SessionRecord> {
        match self {
            Self::Account(signed_in) => Some(&signed_in.session),
            Self::Guest(guest) => Some(&guest.session),
            Self::Program(_) | Self::NoOne => None,
        }
    }

    /// The account of somebody who looks after the site.
    ///
    /// # Errors
    /// [`Refusal::SignInFirst`], or [`Refusal::OperatorsOnly`].
    pub fn operator(&self) -> Result<&SignedIn, Refusal> {
        let signed_in = self.signed_in()?;
        let may = signed_in.is(Group::Owner) || signed_in.is(Group::Operator);
        may.then_some(signed_in).ok_or(Refusal::OperatorsOnly)
    }

    /// The account of somebody to whom the site belongs.
    ///
    /// # Errors
    /// [`Refusal::SignInFirst`], or [`Refusal::OwnerOnly`].
    pub fn owner(&self) -> Result<&SignedIn, Refusal> {
        let signed_in = self.signed_in()?;
        signed_in.is(Group::Owner).then_some(signed_in).ok_or(Refusal::OwnerOnly)
    }
}

impl SignedIn {
    /// Whether the account is of a group.
    pub fn is(&self, group: Group) -> bool {
        self.account.groups.contains(&group)
    }
}
