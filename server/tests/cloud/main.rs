//! Integration tests against the deployed local cloud. A single test binary, since linking takes longer than most tests.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod fixtures;

mod account_data;
mod accounts;
mod dates;
mod encrypted;
mod live;
mod notifications;
mod people;
mod permission;
mod processing;
mod quota;
mod rows;
mod scheduled_jobs;
mod stream;
mod table;
mod uploads;
mod viewing;
