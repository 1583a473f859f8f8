//! The function `web` by itself, as AWS gets it.

use server::door::DoorError;
use server::functions::web;

fn main() -> Result<(), DoorError> {
    develop::serve();
    web::run()
}
