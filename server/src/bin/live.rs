//! The function `live` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::live;

fn main() -> Result<(), DoorError> {
    live::run()
}
