//! Data types that browser, server and functions share. Depends only on serde.

pub mod accounts;
pub mod addresses;
pub mod events;
pub mod ids;
pub mod live;
pub mod notifications;
pub mod photos;
pub mod programs;
pub mod time;
pub mod timeline;
pub mod user_error;
