//! Photos: the timeline, the viewer, and uploading.

pub mod api;
mod choose;
mod library;
mod picture;
mod placeholder;
mod preview;
mod sending;
mod sha256;
mod tile;
mod timeline;
mod travel;
mod uploads;
mod viewer;

pub(crate) use library::Library;
pub use timeline::TimelinePage;
pub(crate) use uploads::Uploads;
pub use viewer::ViewerPage;
