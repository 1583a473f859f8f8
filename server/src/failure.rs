//! The error type of the server: errors that the user can fix, and internal ones.

use model::refusals::Refusal;

/// An error.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The user can fix it.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// An internal error; a retry may help.
    #[error("could not {what}: {cause}")]
    Broken {
        /// The operation that failed, as a verb phrase.
        what: &'static str,
        /// The underlying error, with its sources.
        cause: String,
    },
}

impl Failure {
    /// An internal error from anything that can be displayed.
    pub fn broken(what: &'static str, cause: impl ToString) -> Self {
        Self::Broken {
            what,
            cause: cause.to_string(),
        }
    }
}

/// Adds context to an error: the operation that failed.
pub trait While<T> {
    /// Turns the error into a [`Failure::Broken`].
    fn while_doing(self, what: &'static str) -> Result<T, Failure>;
}

impl<T, E: std::fmt::Display> While<T> for Result<T, E> {
    fn while_doing(self, what: &'static str) -> Result<T, Failure> {
        self.map_err(|cause| Failure::broken(what, cause))
    }
}
