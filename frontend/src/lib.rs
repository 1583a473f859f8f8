//! Hydrates the page that the server rendered.

use app::App;
use leptos::mount::hydrate_body;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's script when the WebAssembly has loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    if is_stale() {
        return;
    }
    hydrate_body(App);
    window().set_onpopstate(None);
}

/// Whether the visitor went back before hydration: the URL is another page's, which the shell's `popstate` listener is loading.
fn is_stale() -> bool {
    let rendered_for = document()
        .document_element()
        .and_then(|html| html.get_attribute("data-made-for"));
    let location = window().location();
    match (rendered_for, location.pathname(), location.search()) {
        (Some(rendered_for), Ok(path), Ok(query)) => rendered_for != path + &query,
        _ => false,
    }
}
