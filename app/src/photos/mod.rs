//! Photos: the timeline, shelves, the viewer, and uploads.

mod addresses;
pub mod api;
mod collection;
mod entry;
mod error_toast;
mod library;
mod loaded;
mod photo_status;
mod picture;
#[cfg(test)]
mod samples;
mod thumb_hash;
mod tile;
mod timeline;
mod uploads;
mod viewer;

pub use collection::{ArchivePage, FavouritesPage};
pub(crate) use library::Library;
pub use timeline::TimelinePage;
pub(crate) use timeline::TimelineScroll;
pub(crate) use uploads::{DropZone, Panel as UploadPanel, UploadManager, start_uploads};
pub use viewer::ViewerPage;
