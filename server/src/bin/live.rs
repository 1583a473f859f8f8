//! The Lambda function `live` as a binary of its own, as it is deployed.

use server::door::FunctionError;
use server::functions::live;

fn main() -> Result<(), FunctionError> {
    live::run()
}
