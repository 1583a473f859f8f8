//! Whoever looks. Every handler gets one and asks a room for what it may do.

use super::records::{AccountRecord, SessionRecord};
use model::refusals::Refusal;

/// Whoever looks.
#[derive(Debug, Clone)]
pub enum Viewer {
    /// Somebody signed in.
    Account(Box<SignedIn>),
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

impl Viewer {
    /// The account that is signed in.
    ///
    /// # Errors
    /// [`Refusal::SignInFirst`] when nobody is.
    pub fn signed_in(&self) -> Result<&SignedIn, Refusal> {
        match self {
            Self::Account(signed_in) => Ok(signed_in),
            Self::NoOne => Err(Refusal::SignInFirst),
        }
    }
}
