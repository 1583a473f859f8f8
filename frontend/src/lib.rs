//! Wakes the page that the server rendered.

mod turns;

use any_spawner::Executor;
use leptos::prelude::document;
use turns::Turns;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's script when the WebAssembly is there.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    let turns = Turns::default();
    // Nobody was quicker: this is called once, and before anything else.
    let _ = Executor::init_local_custom_executor(turns.clone());
    // Waking begins with no title, and has one again only in a later turn.
    let title = document().title();
    leptos::mount::hydrate_body(app::App);
    document().set_title(&title);
    turns.take_the_next();
}
