//! The Lambda function `web` as a binary of its own, as it is deployed.

use server::door::FunctionError;
use server::functions::web;

fn main() -> Result<(), FunctionError> {
    develop::serve();
    web::run()
}
