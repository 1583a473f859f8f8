//! The function `steps` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{steps, start};

fn main() -> Result<(), DoorError> {
    develop::serve();
    start(steps::run)
}
