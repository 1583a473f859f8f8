//! Live updates.

pub mod api;
mod heard;
mod media;
mod socket;

pub(crate) use heard::Heard;
pub(crate) use socket::{catch_up, follow, load_anew, signing_out};
