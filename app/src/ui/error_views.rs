//! Error messages and error pages.

use crate::ui::error::RequestError;
use crate::ui::form::{Alert, result_param};
use crate::ui::messages;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;
use leptos_router::location::Url;
use model::user_error::UserError;

/// Shown instead of content that failed to load. Users who are not signed in are redirected to sign in.
#[component]
pub fn LoadError(error: RequestError) -> impl IntoView {
    if error == RequestError::Refused(UserError::SignInFirst) {
        let address = sign_in_address();
        // In the browser by a page load, which discards the state of the ended session.
        #[cfg(feature = "hydrate")]
        let _ = window().location().assign(&address);
        return Either::Left(cfg!(feature = "ssr").then(|| view! { <Redirect path=address/> }));
    }
    set_status(&error);
    let action = if is_transient(&error) {
        Either::Left(view! { <a class="button" href="" rel="external">{messages::TRY_AGAIN}</a> })
    } else {
        Either::Right(view! { <a class="button" href="/">{messages::BACK}</a> })
    };
    Either::Right(view! {
        <div class="notice" role="alert">
            <p>{messages::error_text(&error)}</p>
            {action}
        </div>
    })
}

/// Whether the same request may succeed later.
fn is_transient(error: &RequestError) -> bool {
    match error {
        RequestError::Offline | RequestError::Broken => true,
        RequestError::Refused(user_error) => matches!(
            user_error,
            UserError::TooMany | UserError::LockedOut { .. } | UserError::TooManyFromHere { .. } | UserError::NotThereYet
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
pub fn RedirectError(
    /// The message if something was not found.
    missing: &'static str,
) -> impl IntoView {
    let why = result_param("why");
    let text = Signal::derive(move || why.with(|why| messages::text_of_code(why.as_deref()?, missing)));
    view! { <Alert text/> }
}

/// The page of unknown addresses.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    set_status(&RequestError::Refused(UserError::NotFound));
    view! {
        <Title text=messages::PAGE_NOT_FOUND/>
        <main class="card" id="content" tabindex="-1">
            <h1>{messages::PAGE_NOT_FOUND}</h1>
            <p>{messages::PAGE_NOT_FOUND_TEXT}</p>
            <p><a class="button" href="/">{messages::BACK}</a></p>
        </main>
    }
}

/// Sets the status of the response.
#[cfg(feature = "ssr")]
fn set_status(error: &RequestError) {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(error.status());
    }
}

#[cfg(not(feature = "ssr"))]
fn set_status(_: &RequestError) {}
