//! The rooms in the deployed local cloud. One program, as linking takes longer than most of its tests.

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
mod looking;
mod notices;
mod people;
mod permission;
mod rows;
mod table;
mod uploads;
mod usage;
