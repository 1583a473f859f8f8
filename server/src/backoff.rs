//! Repeated attempts at what others do at the same moment.

use crate::error::AppError;
use crate::secrets;
use std::time::Duration;

/// The longest pause.
const LONGEST: Duration = Duration::from_millis(400);

/// A limited number of attempts, with pauses between them: exponential backoff with full jitter, so that those who lost to the same
/// writer do not all come back at once.
#[derive(Debug)]
pub struct Attempts {
    begun: u32,
    limit: u32,
}

impl Attempts {
    /// At most `limit` attempts.
    pub fn up_to(limit: u32) -> Self {
        Self { begun: 0, limit }
    }

    /// Begins an attempt, after a pause unless it is the first; `false` if none is left.
    pub async fn another(&mut self) -> Result<bool, AppError> {
        if self.begun == self.limit {
            return Ok(false);
        }
        if let Some(failed) = self.begun.checked_sub(1) {
            tokio::time::sleep(span(failed).mul_f64(secrets::random_fraction()?)).await;
        }
        self.begun += 1;
        Ok(true)
    }
}

/// The longest pause after an attempt, counted from 0.
fn span(attempt: u32) -> Duration {
    Duration::from_millis(10 << attempt.min(6)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::{Attempts, LONGEST, span};

    #[test]
    fn doubles_up_to_a_limit() {
        let millis: Vec<u128> = (0..7).map(|attempt| span(attempt).as_millis()).collect();
        assert_eq!(millis, [10, 20, 40, 80, 160, 320, 400]);
        assert_eq!(span(u32::MAX), LONGEST);
    }

    #[tokio::test]
    async fn attempts_end_at_their_limit() {
        for limit in [0, 1, 3] {
            let mut attempts = Attempts::up_to(limit);
            for number in 0..limit {
                assert!(attempts.another().await.unwrap(), "{number} of {limit}");
            }
            assert!(!attempts.another().await.unwrap(), "{limit}");
            assert!(!attempts.another().await.unwrap(), "{limit}");
        }
    }
}
