//! Shared by all features: layout, forms, errors and messages.

pub mod app;
pub(crate) mod clock;
pub(crate) mod connection;
pub mod fault;
pub(crate) mod form;
pub(crate) mod frame;
pub(crate) mod keys;
pub(crate) mod later;
pub(crate) mod menu;
pub(crate) mod notice;
mod redirect;
#[cfg(feature = "ssr")]
pub mod shell;
pub(crate) mod words;

pub use words::{fault as fault_words, refusal, word_for};
