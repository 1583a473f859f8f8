//! The function `notices` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::notices;

fn main() -> Result<(), DoorError> {
    notices::run()
}
