//! The Lambda function `notices` as a binary of its own, as it is deployed.

use server::door::FunctionError;
use server::functions::notices;

fn main() -> Result<(), FunctionError> {
    notices::run()
}
