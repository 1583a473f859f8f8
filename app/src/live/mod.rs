//! Live updates.

pub mod api;
mod media;
mod received;
mod socket;

pub(crate) use received::Heard;
pub(crate) use socket::{catch_up, follow, load_anew, signing_out};
