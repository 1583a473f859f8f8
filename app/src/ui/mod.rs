//! Shared by all features, and independent of them: forms, errors, messages and the connection.

pub(crate) mod card;
pub(crate) mod clock;
pub(crate) mod connection;
pub mod error;
pub(crate) mod error_views;
pub(crate) mod form;
pub(crate) mod menu;
pub(crate) mod messages;
pub(crate) mod redirect;
pub(crate) mod shortcuts;

pub use messages::{error_code, error_text};
