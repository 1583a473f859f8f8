//! Who looks, as the front door found out.

use super::records::{AccountRecord, SessionRecord};
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
}

/// A guest, and the session they came with.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The one album that they may enter.
    pub album: AlbumId,
    /// The session.
    pub session: SessionRecord,
}

impl Viewer {
    /// The account that is signed in.
    ///
    /// # Errors
    /// [`Refusal::SignInFirst`] when none is; a guest has none.
    pub fn signed_in(&self) -> Result<&SignedIn, Refusal> {
        match self {
            Self::Account(signed_in) => Ok(signed_in),
            Self::Guest(_) | Self::NoOne => Err(Refusal::SignInFirst),
        }
    }
}

impl SignedIn {
    /// Whether the account is of a group.
    pub fn is(&self, group: Group) -> bool {
        self.account.groups.contains(&group)
    }
}
