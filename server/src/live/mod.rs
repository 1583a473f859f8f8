//! The room `live`: what happened, told to those who follow.

pub mod broadcast;
pub mod connect;
pub mod missed;
pub mod number;
pub mod records;
pub mod ticket;
