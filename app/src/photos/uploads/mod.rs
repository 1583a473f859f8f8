//! Uploads: files are chosen, read, persisted and sent; their progress is shown.

mod backoff;
mod callbacks;
pub mod choose;
mod decodable;
mod drop;
mod file_store;
mod idb;
mod item;
mod kind;
mod leases;
mod manager;
mod outcome;
mod panel;
mod parts;
mod pipeline;
mod prepare;
mod progress;
mod queue;
mod reader;
mod resume;
mod row;
mod scheduler;
mod send;
mod shared;
mod stored;
mod transport;

pub use drop::DropZone;
pub use item::{Item, Remedy, UploadState};
pub use manager::UploadManager;
pub use panel::Panel;
pub use resume::start_uploads;
pub use row::state_text;
