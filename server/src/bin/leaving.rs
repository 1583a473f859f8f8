//! The function `leaving` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{leaving, start};

fn main() -> Result<(), DoorError> {
    start(leaving::run)
}
