//! The function `arrivals` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{arrivals, start};

fn main() -> Result<(), DoorError> {
    start(arrivals::run)
}
