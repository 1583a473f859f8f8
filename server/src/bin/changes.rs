//! The function `changes` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::changes;

fn main() -> Result<(), DoorError> {
    changes::run()
}
