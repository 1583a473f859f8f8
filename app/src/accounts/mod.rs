//! Accounts: signing up, in and out, and settings.

pub mod api;
mod changes;
mod confirm;
mod forgot;
mod join;
pub mod notifications;
pub mod passkeys;
pub mod people;
mod providers;
mod second_step;
pub mod settings;
mod sign_in;
mod sign_up;

pub use changes::section_of;
pub use confirm::ConfirmPage;
pub use forgot::{ForgotPage, ResetPage};
pub use join::JoinPage;
pub use notifications::UnsubscribePage;
pub use people::PeoplePage;
pub use second_step::SecondStepPage;
pub use settings::AccountPage;
pub use sign_in::SignInPage;
pub use sign_up::SignUpPage;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// A query parameter with which another page fills in a form.
fn query_param(name: &'static str) -> Option<String> {
    use_query_map().read_untracked().get(name).filter(|text| !text.is_empty())
}

/// A hidden field with the browser's time zone, which the list of sessions shows.
#[component]
fn Zone() -> impl IntoView {
    let zone = RwSignal::new(String::new());
    Effect::new(move |_| zone.set(browser_zone().unwrap_or_default()));
    view! { <input type="hidden" name="zone" prop:value=zone/> }
}

fn browser_zone() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    let options = format.resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}
