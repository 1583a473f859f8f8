//! The pages, by feature. Each feature's `api` has a trait, which the server implements for the viewer of a request, and the server
//! functions that call it.

// Types of views nest as deeply as the pages.
#![recursion_limit = "256"]

pub mod accounts;
pub mod live;
pub mod photos;
pub mod ui;

#[cfg(feature = "ssr")]
mod context;
#[cfg(feature = "ssr")]
mod services;
#[cfg(feature = "ssr")]
pub use services::RequestServices;
pub use ui::app::App;
#[cfg(feature = "ssr")]
pub use ui::shell::shell;
