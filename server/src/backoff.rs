//! Pauses between attempts at what others do at the same moment.

use crate::error::AppError;
use crate::secrets;
use std::time::Duration;

/// The longest pause.
const LONGEST: Duration = Duration::from_millis(400);

/// Waits before the next attempt: exponential backoff with full jitter, so that those who lost to the same writer do not all come back
/// at once.
pub async fn pause(attempt: u32) -> Result<(), AppError> {
    tokio::time::sleep(span(attempt).mul_f64(secrets::random_fraction()?)).await;
    Ok(())
}

/// The longest pause after an attempt, counted from 0.
fn span(attempt: u32) -> Duration {
    Duration::from_millis(10 << attempt.min(6)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, span};

    #[test]
    fn doubles_up_to_a_limit() {
        let millis: Vec<u128> = (0..7).map(|attempt| span(attempt).as_millis()).collect();
        assert_eq!(millis, [10, 20, 40, 80, 160, 320, 400]);
        assert_eq!(span(u32::MAX), LONGEST);
    }
}
