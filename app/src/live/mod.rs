//! Live updates.

pub mod api;
mod media;
mod received;
mod session;
mod socket;

pub(crate) use received::ReceivedNumbers;
pub(crate) use session::{reload_page, signing_out};
pub(crate) use socket::{catch_up, follow};
