//! The Lambda function `render` as a binary of its own, as it is deployed.

use server::functions::render;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    imaging::serve();
    render::run()
}
