//! The Lambda function `changes` as a binary of its own, as it is deployed.

use server::functions::changes;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    changes::run()
}
