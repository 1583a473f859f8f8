//! Everything that runs in Lambda. The rooms hold what Shoebox does; `aws` alone speaks to the cloud; `functions` holds
//! what each Lambda function is, `src/bin` starts them; `web` gives the pages what they ask for, as one viewer may see it.

pub mod accounts;
pub mod albums;
pub mod aws;
pub mod changes;
pub mod clock;
pub mod door;
pub mod encrypted;
pub mod failure;
pub mod functions;
pub mod keys;
pub mod leaving;
pub mod live;
pub mod metrics;
pub mod notices;
pub mod once;
pub mod photos;
pub mod secrets;
#[cfg(feature = "web")]
pub mod web;

use model::time::Time;

/// The moment by this machine's clock.
pub fn now() -> Time {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
