//! The Lambda function `changes` as a binary of its own, as it is deployed.

use server::door::FunctionError;
use server::functions::changes;

fn main() -> Result<(), FunctionError> {
    changes::run()
}
