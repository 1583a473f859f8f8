//! The room `accounts`: who comes in, and who one is.

pub mod records;
pub mod session;
pub mod sign_in;
pub mod sign_up;
pub mod site;
pub mod viewer;

pub use viewer::Viewer;
