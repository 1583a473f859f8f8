//! The function `steps` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{start, steps};

fn main() -> Result<(), DoorError> {
    develop::serve();
    start(steps::run)
}
