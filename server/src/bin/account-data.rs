//! The Lambda function `account-data` as a binary of its own, as it is deployed.

use server::functions::account_data;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    account_data::run()
}
