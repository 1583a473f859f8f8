//! The Lambda function `leaving` as a binary of its own, as it is deployed.

use server::door::FunctionError;
use server::functions::leaving;

fn main() -> Result<(), FunctionError> {
    leaving::run()
}
