//! The nouns of Shoebox: what browser, pages and functions say to each other. Depends on serde alone.

pub mod accounts;
pub mod addresses;
pub mod events;
pub mod ids;
pub mod live;
pub mod notices;
pub mod photos;
pub mod programs;
pub mod refusals;
pub mod time;
pub mod timeline;
