//! The Lambda function `leaving` as a binary of its own, as it is deployed.

use server::functions::leaving;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    leaving::run()
}
