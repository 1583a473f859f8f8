//! The function `broadcast` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::broadcast;

fn main() -> Result<(), DoorError> {
    broadcast::run()
}
