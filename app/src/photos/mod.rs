//! Photos: the timeline, shelves, the viewer, and uploads.

mod addresses;
pub mod api;
mod entry;
mod ground;
mod library;
mod loaded;
mod picture;
mod placeholder;
#[cfg(test)]
mod samples;
mod shelf;
mod table;
mod tile;
mod trouble;
mod uploads;
mod viewer;
mod whereabouts;

pub(crate) use library::Library;
pub use shelf::{ArchivePage, FavouritesPage};
pub use table::TimelinePage;
pub(crate) use uploads::{DropZone, Panel as UploadPanel, Uploads, wake};
pub use viewer::ViewerPage;
