//! The Lambda function `render` as a binary of its own, as it is deployed.

use server::door::FunctionError;
use server::functions::render;

fn main() -> Result<(), FunctionError> {
    develop::serve();
    render::run()
}
