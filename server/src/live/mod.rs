//! Live updates over WebSockets.

pub mod broadcast;
pub mod connect;
pub mod missed;
pub mod number;
pub mod records;
pub mod ticket;
