//! Error messages and error pages.

use crate::ui::fault::Fault;
use crate::ui::form::{Alert, result_param};
use crate::ui::words;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;
use leptos_router::location::Url;
use model::refusals::Refusal;

/// Shown instead of content that failed to load. Users who are not signed in are redirected to sign in.
#[component]
pub fn Trouble(fault: Fault) -> impl IntoView {
    if fault == Fault::Refused(Refusal::SignInFirst) {
        let address = sign_in_address();
        // In the browser by a page load, which discards the state of the ended session.
        #[cfg(feature = "hydrate")]
        let _ = window().location().assign(&address);
        return Either::Left(cfg!(feature = "ssr").then(|| view! { <Redirect path=address/> }));
    }
    set_status(&fault);
    let action = if is_transient(&fault) {
        Either::Left(view! { <a class="button" href="" rel="external">{words::TRY_AGAIN}</a> })
    } else {
        Either::Right(view! { <a class="button" href="/">{words::BACK}</a> })
    };
    Either::Right(view! {
        <div class="notice" role="alert">
            <p>{words::fault(&fault)}</p>
            {action}
        </div>
    })
}

/// Whether the same request may succeed later.
fn is_transient(fault: &Fault) -> bool {
    match fault {
        Fault::Offline | Fault::Broken => true,
        Fault::Refused(refusal) => matches!(
            refusal,
            Refusal::TooMany | Refusal::LockedOut { .. } | Refusal::TooManyFromHere { .. } | Refusal::NotThereYet
        ),
    }
}

/// The address of the sign-in page, which returns to the current page afterwards.
fn sign_in_address() -> String {
    let location = use_location();
    let (path, query) = (location.pathname.get_untracked(), location.search.get_untracked());
    let query = query.trim_start_matches('?');
    let current = if query.is_empty() { path } else { format!("{path}?{query}") };
    match current.as_str() {
        "/" => "/sign-in".to_owned(),
        current => format!("/sign-in?to={}", Url::escape(current)),
    }
}

/// The reason for a redirect to this page, from its address.
#[component]
pub fn Why(
    /// The message if something was not found.
    missing: &'static str,
) -> impl IntoView {
    let why = result_param("why");
    let text = Signal::derive(move || why.with(|why| words::why(why.as_deref()?, missing)));
    view! { <Alert text/> }
}

/// The page of unknown addresses.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    set_status(&Fault::Refused(Refusal::NotFound));
    view! {
        <Title text=words::NOTHING_HERE/>
        <main class="card" id="content" tabindex="-1">
            <h1>{words::NOTHING_HERE}</h1>
            <p>{words::NOTHING_HERE_TEXT}</p>
            <p><a class="button" href="/">{words::BACK}</a></p>
        </main>
    }
}

/// Sets the status of the response.
#[cfg(feature = "ssr")]
fn set_status(fault: &Fault) {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(fault.status());
    }
}

#[cfg(not(feature = "ssr"))]
fn set_status(_: &Fault) {}
