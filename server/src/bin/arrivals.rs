//! The Lambda function `arrivals` as a binary of its own, as it is deployed.

use server::functions::arrivals;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    arrivals::run()
}
