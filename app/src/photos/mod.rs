//! Photos: the timeline, the viewer, and uploading.

pub mod api;
mod library;
mod picture;
mod placeholder;
mod tile;
mod timeline;
mod uploads;
mod viewer;
mod whereabouts;

pub(crate) use library::Library;
pub use timeline::TimelinePage;
pub(crate) use uploads::{Panel as UploadPanel, Uploads, wake};
pub use viewer::ViewerPage;
