//! The error type of the server: errors that the user can fix, and internal ones.

use model::user_error::UserError;

/// An error.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The user can fix it.
    #[error("refused: {0}")]
    User(#[from] UserError),
    /// An internal error; a retry may help.
    #[error("could not {what}: {cause}")]
    Internal {
        /// The operation that failed, as a verb phrase.
        what: &'static str,
        /// The underlying error, with its sources.
        cause: String,
    },
}

impl AppError {
    /// An internal error from anything that can be displayed.
    pub fn internal(what: &'static str, cause: impl ToString) -> Self {
        Self::Internal {
            what,
            cause: cause.to_string(),
        }
    }
}

/// Adds context to an error: the operation that failed.
pub trait Context<T> {
    /// Turns the error into a [`AppError::Internal`].
    fn context(self, what: &'static str) -> Result<T, AppError>;
}

impl<T, E: std::fmt::Display> Context<T> for Result<T, E> {
    fn context(self, what: &'static str) -> Result<T, AppError> {
        self.map_err(|cause| AppError::internal(what, cause))
    }
}
