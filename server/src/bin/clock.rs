//! The function `clock` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{clock, start};

fn main() -> Result<(), DoorError> {
    start(clock::run)
}
