//! The Lambda function `steps` as a binary of its own, as it is deployed.

use server::door::FunctionError;
use server::functions::steps;

fn main() -> Result<(), FunctionError> {
    steps::run()
}
