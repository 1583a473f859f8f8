//! All Lambda functions in one binary, for the local cloud: linked once after an edit. The first argument is the function's name;
//! without one it is `web`, as `cargo leptos watch` starts it.

use server::functions::{arrivals, broadcast, changes, clock, leaving, live, notices, render, steps, web};
use server::handler::FunctionError;

fn main() -> Result<(), FunctionError> {
    imaging::serve();
    let name = std::env::args().nth(1);
    match name.as_deref().unwrap_or("web") {
        "arrivals" => arrivals::run(),
        "broadcast" => broadcast::run(),
        "changes" => changes::run(),
        "clock" => clock::run(),
        "leaving" => leaving::run(),
        "live" => live::run(),
        "notices" => notices::run(),
        "render" => render::run(),
        "steps" => steps::run(),
        "web" => web::run(),
        unknown => Err(format!("there is no function {unknown}").into()),
    }
}
