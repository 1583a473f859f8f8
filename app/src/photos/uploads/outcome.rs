//! What responses mean for an item that is sent.

use super::backoff::Backoff;
use super::item::{UploadError, UploadState};
use crate::ui::error::RequestError;
use model::user_error::UserError;

/// How many new signatures may be rejected in a row.
const MAX_REJECTED_SIGNATURES: u32 = 3;

/// The result of a request, or of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Sent,
    /// Network error, or the store is busy.
    Retry,
    /// The signature was rejected.
    SignAgain,
    /// The server does not expect the photo's bytes any more.
    NotExpected,
    /// Permanent.
    Failed(UploadError),
}

impl Outcome {
    /// What the store's response means. Status 0 is a network error.
    pub fn of_response(status: u16, body: &str) -> Self {
        match status {
            // 412: the object exists. The response to an earlier attempt was lost.
            200..=299 | 412 => Self::Sent,
            // 409: another upload of the same object is in progress.
            0 | 408 | 409 | 429 | 500.. => Self::Retry,
            400 if body.contains("RequestTimeout") => Self::Retry,
            // 404: the multipart upload was aborted. The next signature begins another.
            403 | 404 => Self::SignAgain,
            400 if body.contains("Digest") || body.contains("Checksum") => Self::Failed(UploadError::Changed),
            _ => Self::Failed(UploadError::NotAccepted),
        }
    }
}

/// What an error of the server means.
impl From<RequestError> for Outcome {
    fn from(error: RequestError) -> Self {
        match error {
            // After signing in, the persisted queue continues.
            RequestError::Offline
            | RequestError::Broken
            | RequestError::Refused(UserError::TooMany | UserError::NotThereYet | UserError::SignInFirst) => Self::Retry,
            // The photo has arrived or was cancelled: the next grant says which.
            RequestError::Refused(UserError::NotExpected | UserError::GrantExpired | UserError::NotFound) => Self::NotExpected,
            error => Self::Failed(UploadError::Denied(error)),
        }
    }
}

/// The attempts to send an item.
#[derive(Debug, Default)]
pub struct Attempts {
    /// How many signatures were rejected since there was progress.
    rejected: u32,
    pub backoff: Backoff,
}

/// What follows an attempt.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// The item moves to another state.
    End(UploadState),
    /// Another attempt at once, with a new signature.
    SignAgain,
    /// Another attempt after a wait.
    Wait,
}

impl Attempts {
    /// What follows an outcome. `progressed`: bytes were stored. `stopped`: the item is paused or removed.
    pub fn next(&mut self, outcome: Outcome, progressed: bool, stopped: bool) -> Next {
        match outcome {
            Outcome::Sent => Next::End(UploadState::Done),
            Outcome::Failed(failure) => Next::End(UploadState::Failed(failure)),
            _ if stopped => Next::End(UploadState::Waiting),
            Outcome::NotExpected => Next::End(UploadState::Queued),
            Outcome::SignAgain => {
                self.rejected = if progressed { 0 } else { self.rejected + 1 };
                if self.rejected > MAX_REJECTED_SIGNATURES {
                    return Next::End(UploadState::Failed(UploadError::TooLate));
                }
                Next::SignAgain
            }
            Outcome::Retry => {
                if progressed {
                    self.backoff.reset();
                }
                Next::Wait
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempts, Next, Outcome, RequestError, UploadError, UploadState, UserError};

    #[test]
    fn classifies_responses() {
        for there in [200, 412] {
            assert_eq!(
                Outcome::of_response(there, "<Error><Code>PreconditionFailed</Code></Error>"),
                Outcome::Sent
            );
        }
        for busy in [0, 409, 500, 503] {
            assert_eq!(Outcome::of_response(busy, ""), Outcome::Retry);
        }
        let code = |status, code: &str| Outcome::of_response(status, &format!("<Error><Code>{code}</Code></Error>"));
        assert_eq!(code(400, "RequestTimeout"), Outcome::Retry);
        assert_eq!(code(400, "BadDigest"), Outcome::Failed(UploadError::Changed));
        assert_eq!(code(400, "EntityTooSmall"), Outcome::Failed(UploadError::NotAccepted));
        assert_eq!(code(403, "AccessDenied"), Outcome::SignAgain);
        assert_eq!(code(404, "NoSuchUpload"), Outcome::SignAgain);
    }

    #[test]
    fn a_photo_that_is_not_expected_needs_a_new_grant() {
        let refused = |user_error| Outcome::from(RequestError::Refused(user_error));
        assert_eq!(refused(UserError::NotExpected), Outcome::NotExpected);
        assert_eq!(Outcome::from(RequestError::Offline), Outcome::Retry);
        assert_eq!(refused(UserError::SignInFirst), Outcome::Retry);
        assert!(matches!(refused(UserError::Malformed), Outcome::Failed(_)));
        let mut attempts = Attempts::default();
        assert_eq!(
            attempts.next(Outcome::NotExpected, false, false),
            Next::End(UploadState::Queued)
        );
        assert_eq!(
            attempts.next(Outcome::NotExpected, false, true),
            Next::End(UploadState::Waiting)
        );
    }

    #[test]
    fn signatures_that_are_rejected_in_a_row_fail_the_item() {
        let mut attempts = Attempts::default();
        let mut rejected = |progressed| attempts.next(Outcome::SignAgain, progressed, false);
        let next = [false, false, false, true, false, false, false].map(&mut rejected);
        assert!(next.iter().all(|next| *next == Next::SignAgain));
        assert_eq!(rejected(false), Next::End(UploadState::Failed(UploadError::TooLate)));
    }

    #[test]
    fn an_item_that_is_stopped_waits_unless_it_has_ended() {
        let mut attempts = Attempts::default();
        assert_eq!(attempts.next(Outcome::Retry, false, false), Next::Wait);
        assert_eq!(attempts.next(Outcome::Retry, false, true), Next::End(UploadState::Waiting));
        assert_eq!(attempts.next(Outcome::Sent, false, true), Next::End(UploadState::Done));
    }
}
