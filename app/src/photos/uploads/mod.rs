//! Uploads: files are chosen, read, persisted and sent; their progress is shown.

pub mod choose;
mod count;
mod decodable;
mod drop;
mod files;
mod idb;
mod item;
mod kept;
mod kind;
mod locks;
mod pace;
mod panel;
mod prepare;
mod queue;
mod row;
mod send;
mod shared;
mod travel;
mod wake;
mod worker;

pub use drop::DropZone;
pub use item::{Item, Remedy, Stage};
pub use panel::Panel;
pub use queue::Uploads;
pub use row::stage_text;
pub use wake::wake;
