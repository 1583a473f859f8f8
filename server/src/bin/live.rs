//! The function `live` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{live, start};

fn main() -> Result<(), DoorError> {
    start(live::run)
}
