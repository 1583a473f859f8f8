//! The Lambda function `steps` as a binary of its own, as it is deployed.

use server::functions::steps;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    steps::run()
}
