//! The Lambda function `arrivals` as a binary of its own, as it is deployed.

use server::door::FunctionError;
use server::functions::arrivals;

fn main() -> Result<(), FunctionError> {
    arrivals::run()
}
