//! The function `notices` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{notices, start};

fn main() -> Result<(), DoorError> {
    start(notices::run)
}
