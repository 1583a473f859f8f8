//! The function `clock` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::clock;

fn main() -> Result<(), DoorError> {
    clock::run()
}
