//! The room `albums`. Its `access` is where every viewer's right begins.

pub mod access;
