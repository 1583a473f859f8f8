//! The function `web` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::{start, web};

fn main() -> Result<(), DoorError> {
    develop::serve();
    start(web::run)
}
