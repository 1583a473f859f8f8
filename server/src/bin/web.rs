//! The Lambda function `web` as a binary of its own, as it is deployed.

use server::functions::web;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    imaging::serve();
    web::run()
}
