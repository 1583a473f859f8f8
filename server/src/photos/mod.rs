//! Photos: grants, uploads, imaging, the timeline and the trash.

pub mod amend;
pub mod change;
pub mod claim;
pub mod collections;
mod date;
pub mod days;
pub mod finish;
pub mod grant;
pub mod grant_rate_limit;
pub mod inspect;
pub mod job;
pub mod links;
pub mod name;
mod name_date;
pub mod preview;
pub mod quota;
pub mod records;
pub mod render;
pub mod start;
pub mod states;
pub mod sweep;
pub mod timeline;
pub mod trash;
pub mod upload;
pub mod verify;
