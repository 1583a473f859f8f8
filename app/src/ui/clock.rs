//! A monotonic clock.

use leptos::prelude::window;

/// Milliseconds since the page's navigation started.
pub fn now() -> f64 {
    window().performance().map(|clock| clock.now()).unwrap_or_default()
}
