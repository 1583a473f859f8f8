//! The function `arrivals` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::arrivals;

fn main() -> Result<(), DoorError> {
    arrivals::run()
}
