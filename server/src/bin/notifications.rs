//! The Lambda function `notifications` as a binary of its own, as it is deployed.

use server::functions::notifications;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    notifications::run()
}
