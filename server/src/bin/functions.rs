//! All Lambda functions in one binary, for the local cloud: linked once after an edit. The first argument is the function's name;
//! without one it is `web`, as `cargo leptos watch` starts it.

use server::functions::{
    account_data, broadcast, ingest, notifications, render, scheduled_jobs, stream, web, websocket, workflow_steps,
};
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    imaging::serve();
    let name = std::env::args().nth(1);
    match name.as_deref().unwrap_or("web") {
        "account-data" => account_data::run(),
        "broadcast" => broadcast::run(),
        "ingest" => ingest::run(),
        "notifications" => notifications::run(),
        "render" => render::run(),
        "scheduled-jobs" => scheduled_jobs::run(),
        "stream" => stream::run(),
        "web" => web::run(),
        "websocket" => websocket::run(),
        "workflow-steps" => workflow_steps::run(),
        unknown => Err(format!("there is no function {unknown}").into()),
    }
}
