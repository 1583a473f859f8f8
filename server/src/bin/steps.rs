//! The function `steps` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::steps;

fn main() -> Result<(), DoorError> {
    steps::run()
}
