//! The Lambda function `broadcast` as a binary of its own, as it is deployed.

use server::door::FunctionError;
use server::functions::broadcast;

fn main() -> Result<(), FunctionError> {
    broadcast::run()
}
