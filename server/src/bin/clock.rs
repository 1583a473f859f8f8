//! The Lambda function `clock` as a binary of its own, as it is deployed.

use server::functions::clock;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    clock::run()
}
