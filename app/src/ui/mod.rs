//! Shared by all features: layout, forms, errors and messages.

pub mod app;
pub(crate) mod clock;
pub(crate) mod connection;
pub mod error;
pub(crate) mod form;
pub(crate) mod frame;
pub(crate) mod keys;
pub(crate) mod lazy_hydration;
pub(crate) mod menu;
pub(crate) mod messages;
pub(crate) mod notice;
mod redirect;
#[cfg(feature = "ssr")]
pub(crate) mod shell;

pub use messages::{fault as fault_words, word_for};
