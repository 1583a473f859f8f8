//! Live updates over WebSockets.

pub mod broadcast;
pub mod catch_up;
pub mod connect;
pub mod records;
pub mod sequence;
pub mod ticket;
