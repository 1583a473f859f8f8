//! Access rights as values: functions that read or change a library take an [`OpenLibrary`], which only this module can create.

use crate::accounts::Viewer;
use crate::error::AppError;
use model::ids::AccountId;
use model::live::Channel;

/// The right to view a library and to add to it.
#[derive(Debug, Clone)]
pub struct OpenLibrary(AccountId);

impl OpenLibrary {
    /// Whose library it is.
    pub fn account(&self) -> &AccountId {
        &self.0
    }

    /// The channel of its events.
    pub fn channel(&self) -> Channel {
        Channel::Library(self.0.clone())
    }
}

/// The viewer's own library, for users and for API clients.
///
/// # Errors
/// Refused when nobody is signed in.
pub fn open_library(viewer: &Viewer) -> Result<OpenLibrary, AppError> {
    let account = match viewer {
        Viewer::Program(program) => &program.account,
        user => &user.signed_in()?.account,
    };
    Ok(OpenLibrary(account.id.clone()))
}
