//! The Lambda function `ingest` as a binary of its own, as it is deployed.

use server::functions::ingest;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    ingest::run()
}
