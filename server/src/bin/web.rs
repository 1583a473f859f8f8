//! The function `web` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{web, start};

fn main() -> Result<(), DoorError> {
    start(web::run)
}
