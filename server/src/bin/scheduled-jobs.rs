//! The Lambda function `scheduled-jobs` as a binary of its own, as it is deployed.

use server::functions::scheduled_jobs;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    scheduled_jobs::run()
}
