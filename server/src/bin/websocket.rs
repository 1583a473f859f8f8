//! The Lambda function `websocket` as a binary of its own, as it is deployed.

use server::functions::websocket;
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    websocket::run()
}
