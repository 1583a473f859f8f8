//! Hydrates the page that the server rendered.

mod executor;

use any_spawner::Executor;
use app::App;
use executor::DeferringExecutor;
use gloo_timers::future::TimeoutFuture;
use hydration_context::{HydrateSharedContext, SharedContext};
use leptos::IntoView;
use leptos::prelude::*;
use leptos::tachys::dom::body;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{PositionState, RenderHtml};
use leptos::web_sys::Event;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's script when the WebAssembly has loaded. Builds the app in one task and hydrates it in the next:
/// browsers compile functions on first call, and both together would be a long task.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    if is_stale() {
        return;
    }
    let executor = DeferringExecutor::default();
    // Cannot fail: no other executor was set before.
    let _ = Executor::init_local_custom_executor(executor.clone());
    // Hydration clears the title, which is set again only in a later task.
    let title = document().title();
    let shared = Arc::new(HydrateSharedContext::new());
    let owner = Owner::new_root(Some(shared.clone()));
    let blocked = RouterClicksBlocked::new();
    let app = owner.with(|| App().into_view());
    TimeoutFuture::new(0).await;
    let page = owner.with(|| app.hydrate::<true>(&Cursor::new(body().unchecked_into()), &PositionState::default()));
    shared.hydration_complete();
    drop(blocked);
    window().set_onpopstate(None);
    document().set_title(&title);
    // They live as long as the page.
    std::mem::forget((owner, page));
    executor.run_deferred();
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

/// Blocks clicks from the router, which is hydrated before its pages. Until dropped, the browser handles them itself.
struct RouterClicksBlocked(Closure<dyn Fn(Event)>);

impl RouterClicksBlocked {
    /// In the capture phase, before the router's listener in the bubble phase.
    fn new() -> Self {
        let blocked = Closure::new(|event: Event| event.stop_immediate_propagation());
        let _ = window().add_event_listener_with_callback_and_bool("click", blocked.as_ref().unchecked_ref(), true);
        Self(blocked)
    }
}

impl Drop for RouterClicksBlocked {
    fn drop(&mut self) {
        let _ = window().remove_event_listener_with_callback_and_bool("click", self.0.as_ref().unchecked_ref(), true);
    }
}
