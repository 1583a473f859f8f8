//! What changes under the visitor's eyes.

pub mod api;
mod heard;
mod media;
mod socket;

pub(crate) use heard::Heard;
pub(crate) use socket::{catch_up, follow, load_anew, sign_out};
