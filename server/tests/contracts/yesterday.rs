//! Record types of earlier versions, which running functions may still use during a deployment.

#![allow(dead_code)]

use model::ids::{AccountId, PhotoId};
use model::live::Channel;
use model::photos::{Size, State, Step};
use model::time::Time;
use serde::Deserialize;

/// Version 1.
#[derive(Debug, Deserialize)]
pub struct PhotoRecord {
    pub version: u32,
    pub revision: u64,
    pub timeline_pk: String,
    pub timeline_sk: String,
    pub id: PhotoId,
    pub library: AccountId,
    pub name: String,
    pub kind: String,
    pub bytes: u64,
    pub sha256: String,
    pub grant_ends_at: Time,
    pub state: State,
    pub history: Vec<Step>,
    pub generation: u32,
    pub random: String,
    pub formats: Vec<String>,
    pub widths: Vec<u32>,
    pub size: Option<Size>,
    pub thumbhash: Option<String>,
    pub taken_at: Time,
}

/// Version 1.
#[derive(Debug, Deserialize)]
pub struct AccountRecord {
    pub version: u32,
    pub id: AccountId,
    pub email: String,
    pub created_at: Time,
}

/// Version 1.
#[derive(Debug, Deserialize)]
pub struct SessionRecord {
    pub version: u32,
    pub hash: String,
    pub account: AccountId,
    pub created_at: Time,
    pub ends_at: Time,
    pub ttl: i64,
}

/// Before `opened_at` was added.
#[derive(Debug, Deserialize)]
pub struct SocketRecord {
    pub connection: String,
    pub channel: Channel,
    pub ttl: i64,
}
