//! Why something could not be done, and whether the visitor can fix it.

use model::refusals::Refusal;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The visitor can do something about it.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// Only we can; trying again may help.
    #[error("could not {what}: {cause}")]
    Broken {
        /// What was being done, as a verb phrase.
        what: &'static str,
        /// The error, with its causes.
        cause: String,
    },
}

impl Failure {
    /// A failure that only we can mend, from anything that explains itself.
    pub fn broken(what: &'static str, cause: impl ToString) -> Self {
        Self::Broken {
            what,
            cause: cause.to_string(),
        }
    }
}

/// Adds what was being done to an error of one's own code or of a crate.
pub trait While<T> {
    /// Makes the error a [`Failure::Broken`].
    fn while_doing(self, what: &'static str) -> Result<T, Failure>;
}

impl<T, E: std::fmt::Display> While<T> for Result<T, E> {
    fn while_doing(self, what: &'static str) -> Result<T, Failure> {
        self.map_err(|cause| Failure::broken(what, cause))
    }
}
