//! The Lambda function `workflow-steps` as a binary of its own, as it is deployed.

use server::functions::workflow_steps;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    workflow_steps::run()
}
