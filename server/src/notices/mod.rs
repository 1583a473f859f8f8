//! The room `notices`: what people are told outside of the pages.

pub mod letter;
pub mod outbox;
pub mod phone;
pub mod records;
pub mod send;
pub mod stop;
pub mod texting;
