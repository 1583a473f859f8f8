//! The function `render` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{render, start};

fn main() -> Result<(), DoorError> {
    develop::serve();
    start(render::run)
}
