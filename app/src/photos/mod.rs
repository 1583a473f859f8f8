//! Photos: the timeline, the viewer, and uploading.

pub mod api;
mod library;
mod picture;
mod placeholder;
mod sending;
mod tile;
mod timeline;
mod uploads;
mod viewer;

pub(crate) use library::Library;
pub use timeline::TimelinePage;
pub(crate) use uploads::Uploads;
pub use viewer::ViewerPage;
