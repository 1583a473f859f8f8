//! The Lambda function `broadcast` as a binary of its own, as it is deployed.

use server::functions::broadcast;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    broadcast::run()
}
