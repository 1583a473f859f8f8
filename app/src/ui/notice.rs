//! What stands where an answer should.

use crate::ui::fault::Fault;
use crate::ui::form::{Alert, told};
use crate::ui::words;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;
use leptos_router::location::Url;
use model::refusals::Refusal;

/// In the place of an answer that did not come. Who is not signed in goes to sign in.
#[component]
pub fn Trouble(fault: Fault) -> impl IntoView {
    if fault == Fault::Refused(Refusal::SignInFirst) {
        let address = sign_in_and_back();
        // In the browser by loading anew: what this window holds is of somebody who is signed in no more.
        #[cfg(feature = "hydrate")]
        let _ = window().location().assign(&address);
        return Either::Left(cfg!(feature = "ssr").then(|| view! { <Redirect path=address/> }));
    }
    answer_with(&fault);
    let way_on = if may_pass(&fault) {
        Either::Left(view! { <a class="button" href="" rel="external">{words::TRY_AGAIN}</a> })
    } else {
        Either::Right(view! { <a class="button" href="/">{words::BACK}</a> })
    };
    Either::Right(view! {
        <div class="notice" role="alert">
            <p>{words::fault(&fault)}</p>
            {way_on}
        </div>
    })
}

/// Whether the same question may have another answer later.
fn may_pass(fault: &Fault) -> bool {
    match fault {
        Fault::Offline | Fault::Broken => true,
        Fault::Refused(refusal) => matches!(
            refusal,
            Refusal::TooMany | Refusal::LockedOut { .. } | Refusal::TooManyFromHere { .. } | Refusal::NotThereYet
        ),
    }
}

/// The address of the page to sign in, from where one goes on to the page at hand.
fn sign_in_and_back() -> String {
    let here = use_location();
    let (path, query) = (here.pathname.get_untracked(), here.search.get_untracked());
    let query = query.trim_start_matches('?');
    let here = if query.is_empty() { path } else { format!("{path}?{query}") };
    match here.as_str() {
        "/" => "/sign-in".to_owned(),
        here => format!("/sign-in?to={}", Url::escape(here)),
    }
}

/// Why somebody was sent here, as the page's address says.
#[component]
pub fn Why(
    /// What is to be read where that is that something is not there.
    missing: &'static str,
) -> impl IntoView {
    let why = told("why");
    let text = Signal::derive(move || why.with(|why| words::why(why.as_deref()?, missing)));
    view! { <Alert text/> }
}

/// The page of addresses that lead nowhere.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    answer_with(&Fault::Refused(Refusal::NotFound));
    view! {
        <Title text=words::NOTHING_HERE/>
        <main class="card" id="content" tabindex="-1">
            <h1>{words::NOTHING_HERE}</h1>
            <p>{words::NOTHING_HERE_TEXT}</p>
            <p><a class="button" href="/">{words::BACK}</a></p>
        </main>
    }
}

/// Gives the page that is being rendered the status of what went wrong.
#[cfg(feature = "ssr")]
fn answer_with(fault: &Fault) {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(fault.status());
    }
}

#[cfg(not(feature = "ssr"))]
fn answer_with(_: &Fault) {}
