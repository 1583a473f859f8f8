//! The pages, by feature. Each feature's `api` has a trait, which the server implements for the viewer of a request, and the server
//! functions that call it.

// Types of views nest as deeply as the pages.
#![recursion_limit = "256"]

pub mod accounts;
mod app;
#[cfg(feature = "ssr")]
mod context;
mod frame;
pub mod live;
pub mod photos;
#[cfg(feature = "ssr")]
mod services;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod ui;

pub use app::App;
#[cfg(feature = "ssr")]
pub use services::RequestServices;
#[cfg(feature = "ssr")]
pub use shell::shell;
