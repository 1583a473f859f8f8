//! Access rights to libraries.

pub mod access;
