//! The page to sign in. Its query may have the page to return to.

use super::api::{SignIn, me};
use super::passkeys::SignInByPasskey;
use super::providers::Providers;
use super::{Zone, query_param};
use crate::ui::card::Card;
use crate::ui::error_views::RedirectError;
use crate::ui::form::{Alert, Field, FormErrors, Submit, result_param};
use crate::ui::messages;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::components::Redirect;
use model::addresses::OwnPath;

/// The page to sign in.
#[component]
pub fn SignInPage() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let errors = FormErrors::of(action, &["email", "password"]);
    let done = result_param("done");
    view! {
        <Title text=messages::SIGN_IN/>
        <Card title=messages::SIGN_IN>
            {move || {
                let text = done.with(|done| done.as_deref().and_then(messages::done));
                text.map(|text| view! { <p class="good" role="status">{text}</p> })
            }}
            <RedirectError missing=messages::PROVIDER_MISSING/>
            <RedirectSignedIn/>
            <ActionForm action>
                <Alert text=errors.other()/>
                {query_param("to").map(|to| view! { <input type="hidden" name="to" value=to/> })}
                <Zone/>
                <Field
                    name="email"
                    label=messages::EMAIL
                    kind="email"
                    inputmode="email"
                    autocomplete="username webauthn"
                    value=query_param("email").unwrap_or_default()
                    errors
                />
                <Field name="password" label=messages::PASSWORD kind="password" autocomplete="current-password" errors/>
                <Submit label=messages::SIGN_IN busy=action.pending()/>
            </ActionForm>
            <SignInByPasskey field="email"/>
            <Providers/>
            <p class="aside"><a href="/forgot">{messages::FORGOT}</a></p>
            <p class="aside">{messages::NO_ACCOUNT} " " <a href="/sign-up">{messages::CREATE_ACCOUNT}</a></p>
        </Card>
    }
}

/// Redirects users who are signed in already: to the page to return to, or to the timeline.
#[component]
fn RedirectSignedIn() -> impl IntoView {
    let me = Resource::new(|| (), |()| me());
    let to = query_param("to").as_deref().and_then(OwnPath::parse);
    let to = to.as_ref().map_or("/", OwnPath::as_str).to_owned();
    view! {
        <Suspense>
            {move || {
                let to = to.clone();
                Suspend::new(async move {
                    let signed_in = matches!(me.await, Ok(Some(_)));
                    // Going back from there skips this page.
                    let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
                    signed_in.then(|| view! { <Redirect path=to options/> })
                })
            }}
        </Suspense>
    }
}
