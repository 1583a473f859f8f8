//! Shared by all features, and independent of them: forms, errors, messages and the connection.

pub(crate) mod card;
pub(crate) mod clock;
pub(crate) mod connection;
pub mod error;
pub(crate) mod form;
pub(crate) mod keys;
pub(crate) mod menu;
pub(crate) mod messages;
pub(crate) mod notice;
pub(crate) mod redirect;

pub use messages::{fault as fault_words, word_for};
