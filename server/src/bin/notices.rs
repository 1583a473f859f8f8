//! The Lambda function `notices` as a binary of its own, as it is deployed.

use server::functions::notices;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    notices::run()
}
