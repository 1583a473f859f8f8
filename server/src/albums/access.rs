//! Rights. Without what these functions answer there is nothing to call.

use crate::accounts::Viewer;
use crate::failure::Failure;
use model::ids::AccountId;
use model::live::Channel;

/// The right to a library: to look at it, and to add to it. Only this file can make one.
#[derive(Debug, Clone)]
pub struct OpenLibrary(AccountId);

impl OpenLibrary {
    /// Whose library it is.
    pub fn account(&self) -> &AccountId {
        &self.0
    }

    /// The channel that tells of it.
    pub fn channel(&self) -> Channel {
        Channel::Library(self.0.clone())
    }
}

/// The viewer's own library, for people and for programs.
///
/// # Errors
/// Refused when nobody is signed in.
pub fn open_library(viewer: &Viewer) -> Result<OpenLibrary, Failure> {
    let account = match viewer {
        Viewer::Program(program) => &program.account,
        people => &people.signed_in()?.account,
    };
    Ok(OpenLibrary(account.id.clone()))
}
