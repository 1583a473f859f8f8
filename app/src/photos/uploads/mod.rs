//! Uploads: files are chosen, read, persisted and sent; their progress is shown.

mod backoff;
pub mod choose;
mod count;
mod decodable;
mod drop;
mod idb;
mod item;
mod kind;
mod leases;
mod panel;
mod pipeline;
mod prepare;
mod queue;
mod reader;
mod resume;
mod row;
mod send;
mod shared;
mod store;
mod stored;
mod transport;

pub use drop::DropZone;
pub use item::{Item, Remedy, Stage};
pub use panel::Panel;
pub use pipeline::provide_uploads;
pub use queue::Uploads;
pub use resume::start_uploads;
pub use row::stage_text;
