//! Everything that runs in Lambda: feature modules (`accounts`, `photos`, …); `aws`, which alone uses the AWS SDK; `functions`, the
//! entry point of each Lambda function, and `admin`, what operators run, both with binaries in `src/bin`; and `web`, which serves pages and
//! the API.

pub mod account_data;
pub mod accounts;
pub mod admin;
pub mod albums;
pub mod aws;
pub mod backoff;
pub mod encrypted;
pub mod error;
pub mod functions;
pub mod handler;
pub mod idempotency;
pub mod live;
pub mod metrics;
pub mod notifications;
pub mod photos;
pub mod schedule;
pub mod secrets;
pub mod signing_keys;
pub mod stream;
#[cfg(feature = "web")]
pub mod web;

use model::time::Time;

/// The current time.
pub fn now() -> Time {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
