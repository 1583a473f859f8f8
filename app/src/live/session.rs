//! Whether this window follows the library of a signed-in user, and how it stops.

use crate::ui::clock;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::window;
use leptos::task::spawn_local;
use std::cell::Cell;

/// A sign-out that takes longer has failed.
const SIGN_OUT_TIMEOUT_MS: f64 = 30_000.0;

thread_local! {
    static FOLLOWING: Cell<bool> = const { Cell::new(false) };
    /// By [`clock::now`].
    static SIGNED_OUT_AT: Cell<Option<f64>> = const { Cell::new(None) };
}

/// Whether somebody is signed in and followed.
pub fn following() -> bool {
    FOLLOWING.get()
}

/// Sets whether somebody is signed in and followed. Returns whether somebody was before.
pub fn set_following(following: bool) -> bool {
    FOLLOWING.replace(following)
}

/// Called when the sign-out form is submitted. The socket is not reconnected before the sign-out must have succeeded, and the page been
/// left, or failed.
pub fn signing_out() {
    SIGNED_OUT_AT.set(Some(clock::now()));
}

/// Waits until a pending sign-out has succeeded or failed.
pub async fn sign_out_finished() {
    let Some(at) = SIGNED_OUT_AT.get() else { return };
    TimeoutFuture::new((at + SIGN_OUT_TIMEOUT_MS - clock::now()).max(0.0) as u32).await;
}

/// Reloads the page, discarding its state. Waits for a pending sign-out: the reload would abort it, and its response clears the
/// browser's storage.
pub fn reload_page() {
    spawn_local(async {
        sign_out_finished().await;
        let _ = window().location().reload();
    });
}
