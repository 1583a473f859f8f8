//! A clock that only goes on, as the time of day does not: that may be wrong, and set meanwhile.

use leptos::prelude::window;

/// Milliseconds since the page began.
pub fn now() -> f64 {
    window().performance().map(|clock| clock.now()).unwrap_or_default()
}
