//! Wakes the page that the server rendered.

mod turns;

use any_spawner::Executor;
use app::App;
use gloo_timers::future::TimeoutFuture;
use hydration_context::{HydrateSharedContext, SharedContext};
use leptos::IntoView;
use leptos::prelude::*;
use leptos::tachys::dom::body;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{PositionState, RenderHtml};
use leptos::web_sys::Event;
use std::sync::Arc;
use turns::Turns;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's script when the WebAssembly is there. The app is made in one turn of the event loop and wakes
/// the page in the next: browsers compile a function when it is first called, and both together would be one long task.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    if stands_elsewhere() {
        return;
    }
    let turns = Turns::default();
    // Nobody was quicker: this is called once, and before anything else.
    let _ = Executor::init_local_custom_executor(turns.clone());
    // Waking begins with no title, and has one again only in a later turn.
    let title = document().title();
    let shared = Arc::new(HydrateSharedContext::new());
    let owner = Owner::new_root(Some(shared.clone()));
    let taps = TapsForTheBrowser::new();
    let app = owner.with(|| App().into_view());
    TimeoutFuture::new(0).await;
    let page = owner.with(|| app.hydrate::<true>(&Cursor::new(body().unchecked_into()), &PositionState::default()));
    shared.hydration_complete();
    drop(taps);
    window().set_onpopstate(None);
    document().set_title(&title);
    // Both last as long as the page.
    std::mem::forget((owner, page));
    turns.take_the_next();
}

/// Whether the visitor went back meanwhile: then the address is another page's, which the shell's listener is loading.
fn stands_elsewhere() -> bool {
    let made_for = document()
        .document_element()
        .and_then(|html| html.get_attribute("data-made-for"));
    let location = window().location();
    match (made_for, location.pathname(), location.search()) {
        (Some(made_for), Ok(path), Ok(query)) => made_for != path + &query,
        _ => false,
    }
}

/// As long as it lives, the router hears of no tap: it is there before its pages. A tap does what it did without a script.
struct TapsForTheBrowser(Closure<dyn Fn(Event)>);

impl TapsForTheBrowser {
    /// It hears a tap on its way down, the router on its way up.
    fn new() -> Self {
        let taps = Closure::new(|event: Event| event.stop_immediate_propagation());
        let _ = window().add_event_listener_with_callback_and_bool("click", taps.as_ref().unchecked_ref(), true);
        Self(taps)
    }
}

impl Drop for TapsForTheBrowser {
    fn drop(&mut self) {
        let _ = window().remove_event_listener_with_callback_and_bool("click", self.0.as_ref().unchecked_ref(), true);
    }
}
