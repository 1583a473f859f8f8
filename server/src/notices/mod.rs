//! The room `notices`: what people are told outside of the pages.

pub mod letter;
pub mod outbox;
pub mod records;
pub mod send;
