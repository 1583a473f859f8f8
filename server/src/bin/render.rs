//! The function `render` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::render;

fn main() -> Result<(), DoorError> {
    develop::serve();
    render::run()
}
