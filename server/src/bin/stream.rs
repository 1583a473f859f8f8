//! The Lambda function `stream` as a binary of its own, as it is deployed.

use server::functions::stream;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    stream::run()
}
