//! Wakes the page that the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's script when the WebAssembly is there.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
