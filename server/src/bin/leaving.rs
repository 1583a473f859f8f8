//! The function `leaving` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::leaving;

fn main() -> Result<(), DoorError> {
    leaving::run()
}
