//! The Lambda function `live` as a binary of its own, as it is deployed.

use server::functions::live;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    live::run()
}
