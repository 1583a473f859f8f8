//! What people see, by room. Each room's `api` holds the trait that the server implements for one viewer, and the
//! server functions that call it.

// The types of views nest as deep as the pages do.
#![recursion_limit = "256"]

pub mod accounts;
pub mod live;
pub mod photos;
pub mod ui;

#[cfg(feature = "ssr")]
mod rooms;
#[cfg(feature = "ssr")]
pub use rooms::Rooms;
pub use ui::app::App;
#[cfg(feature = "ssr")]
pub use ui::shell::shell;
