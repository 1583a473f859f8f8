//! Integration tests against the deployed local cloud. A single test binary, since linking takes longer than most tests.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod fixtures;

mod accounts;
mod changes;
mod clock;
mod dates;
mod encrypted;
mod leaving;
mod live;
mod notices;
mod people;
mod permission;
mod processing;
mod quota;
mod rows;
mod table;
mod uploads;
mod viewing;
