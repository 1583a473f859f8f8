//! Failures on their way to the visitor: what only we can mend is logged here, once, and says nothing more.

use crate::failure::Failure;
use app::ui::fault::Fault;
use tracing::error;

/// What the visitor is told.
pub fn tell(failure: Failure) -> Fault {
    match failure {
        Failure::Refused(refusal) => Fault::Refused(refusal),
        failure @ Failure::Broken { .. } => {
            error!(%failure, "failed");
            Fault::Broken
        }
    }
}
