//! Integration tests against the deployed local cloud. A single test binary, since linking takes longer than most tests.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod cast;

mod accounts;
mod changes;
mod clock;
mod dates;
mod encrypted;
mod journey;
mod leaving;
mod live;
mod notices;
mod people;
mod permission;
mod quota;
mod rows;
mod table;
mod uploads;
mod viewing;
