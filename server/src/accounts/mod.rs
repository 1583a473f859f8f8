//! Accounts: sign-up, sign-in, sessions, credentials and rate limits.

pub mod address;
pub mod change;
pub mod client;
pub mod code_attempts;
pub mod codes;
pub mod device_cookie;
pub mod email;
pub mod federated;
pub mod identities;
pub mod invitation;
pub mod owners;
pub mod passkeys;
pub mod password;
pub mod people;
pub mod rate_limits;
pub mod records;
pub mod recovery;
pub mod second_step;
pub mod session;
pub mod sessions;
pub mod sign_in;
pub mod sign_up;
pub mod site;
pub mod viewer;

pub use client::Client;

pub use viewer::Viewer;
