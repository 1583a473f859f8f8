//! All functions in one program, for the local cloud: linked once after an edit. The first argument says which it is; without
//! one it is `web`, as the watch server starts it.

use server::door::DoorError;
use server::functions::{arrivals, broadcast, changes, clock, leaving, live, notices, render, start, steps, web};

fn main() -> Result<(), DoorError> {
    develop::serve();
    let name = std::env::args().nth(1);
    match name.as_deref().unwrap_or("web") {
        "arrivals" => start(arrivals::run),
        "broadcast" => start(broadcast::run),
        "changes" => start(changes::run),
        "clock" => start(clock::run),
        "leaving" => start(leaving::run),
        "live" => start(live::run),
        "notices" => start(notices::run),
        "render" => start(render::run),
        "steps" => start(steps::run),
        "web" => start(web::run),
        unknown => Err(format!("there is no function {unknown}").into()),
    }
}
