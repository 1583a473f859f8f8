//! The function `broadcast` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{broadcast, start};

fn main() -> Result<(), DoorError> {
    start(broadcast::run)
}
