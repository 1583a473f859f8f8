//! The function `changes` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{changes, start};

fn main() -> Result<(), DoorError> {
    start(changes::run)
}
