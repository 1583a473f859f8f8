//! Notifications by mail and text message.

pub mod email;
pub mod outbox;
pub mod phone;
pub mod records;
pub mod send;
pub mod sms_policy;
pub mod unsubscribe;
