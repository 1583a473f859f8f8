//! Accounts: coming in, going out, and who one is.

mod account;
pub mod api;
mod confirm;
mod sign_in;
mod sign_up;

pub use account::AccountPage;
pub use confirm::ConfirmPage;
pub use sign_in::SignInPage;
pub use sign_up::SignUpPage;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// What the page's address says about the form, as the page before it left it.
fn asked(name: &'static str) -> Option<String> {
    use_query_map().read_untracked().get(name).filter(|text| !text.is_empty())
}
