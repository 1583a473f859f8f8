//! The root component and the routes.

use crate::accounts::{
    AccountPage, ConfirmPage, ForgotPage, JoinPage, PeoplePage, ResetPage, SecondStepPage, SignInPage, SignUpPage,
    UnsubscribePage,
};
use crate::photos::{ArchivePage, FavouritesPage, Library, TimelinePage, TimelineScroll, UploadManager, UploadPanel, ViewerPage};
use crate::ui::error_views::NotFoundPage;
use crate::ui::form::FormResults;
use crate::ui::messages;
use crate::ui::redirect::follow_redirects;
use leptos::ev;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::{SsrMode, path};
use leptos_use_event_listener::use_event_listener;
use leptos_use_window::use_window;
use wasm_bindgen::JsCast;
use web_sys::{DomException, FocusOptions, HtmlElement};

/// The app. State that outlives navigation, such as uploads and the socket, is provided here, above the routes.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let library = Library::new();
    provide_context(library);
    provide_context(TimelineScroll::new());
    let results = FormResults::default();
    provide_context(results);
    provide_context(UploadManager::new(library));
    if cfg!(feature = "hydrate") {
        follow_redirects(results);
    }
    view! {
        <Title formatter=messages::title text=""/>
        <Router>
            <Pages/>
            <UploadPanel/>
        </Router>
    }
}

/// The routes. The HTTP API buffers responses, so streaming would gain nothing: pages are sent complete.
#[component]
fn Pages() -> impl IntoView {
    focus_on_arrival();
    ignore_skipped_transitions();
    view! {
        <FlatRoutes fallback=NotFoundPage transition=true>
            <Route path=path!("/") view=TimelinePage ssr=SsrMode::Async/>
            <Route path=path!("/photos/:id") view=ViewerPage ssr=SsrMode::Async/>
            <Route path=path!("/favourites") view=FavouritesPage ssr=SsrMode::Async/>
            <Route path=path!("/archive") view=ArchivePage ssr=SsrMode::Async/>
            <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
            <Route path=path!("/sign-up") view=SignUpPage ssr=SsrMode::Async/>
            <Route path=path!("/confirm") view=ConfirmPage ssr=SsrMode::Async/>
            <Route path=path!("/join") view=JoinPage ssr=SsrMode::Async/>
            <Route path=path!("/second-step") view=SecondStepPage ssr=SsrMode::Async/>
            <Route path=path!("/forgot") view=ForgotPage ssr=SsrMode::Async/>
            <Route path=path!("/reset") view=ResetPage ssr=SsrMode::Async/>
            <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
            <Route path=path!("/stop") view=UnsubscribePage ssr=SsrMode::Async/>
            <Route path=path!("/people") view=PeoplePage ssr=SsrMode::Async/>
        </FlatRoutes>
    }
}

/// After client-side navigation, moves the focus to the new page's content, as a page load would.
fn focus_on_arrival() {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            request_animation_frame(|| {
                let content = document()
                    .get_element_by_id("content")
                    .and_then(|element| element.dyn_into::<HtmlElement>().ok());
                let options = FocusOptions::new();
                options.set_prevent_scroll(true);
                // Ignored: without it the focus stays where it is.
                let _ = content.map(|content| content.focus_with_options(&options));
            });
        }
        now
    });
}

/// Ignores rejections from skipped view transitions. Browsers skip one on another navigation, in a hidden tab or under load, and the
/// router does not handle the rejected promise.
fn ignore_skipped_transitions() {
    let _ = use_event_listener(use_window(), ev::unhandledrejection, |event| {
        let reason = event.reason();
        let skipped = |reason: &DomException| reason.message().to_lowercase().contains("transition");
        if reason.dyn_ref().is_some_and(skipped) {
            event.prevent_default();
        }
    });
}
