//! The Lambda function `clock` as a binary of its own, as it is deployed.

use server::door::FunctionError;
use server::functions::clock;

fn main() -> Result<(), FunctionError> {
    clock::run()
}
