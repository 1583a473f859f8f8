//! The page to sign in. Its address may say where to go on to.

use super::api::{SignIn, me};
use super::passkeys::SignInByPasskey;
use super::providers::Providers;
use super::{Zone, asked};
use crate::ui::form::{Alert, Complaint, Field, Submit, told};
use crate::ui::frame::Card;
use crate::ui::notice::Why;
use crate::ui::words;
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
    let complaint = Complaint::about(action, &["email", "password"]);
    let done = told("done");
    view! {
        <Title text=words::SIGN_IN/>
        <Card title=words::SIGN_IN>
            {move || {
                let text = done.with(|done| done.as_deref().and_then(words::done));
                text.map(|text| view! { <p class="good" role="status">{text}</p> })
            }}
            <Why missing=words::PROVIDER_MISSING/>
            <GoOn/>
            <ActionForm action>
                <Alert text=complaint.otherwise()/>
                {asked("to").map(|to| view! { <input type="hidden" name="to" value=to/> })}
                <Zone/>
                <Field
                    name="email"
                    label=words::EMAIL
                    kind="email"
                    inputmode="email"
                    autocomplete="username webauthn"
                    value=asked("email").unwrap_or_default()
                    complaint
                />
                <Field name="password" label=words::PASSWORD kind="password" autocomplete="current-password" complaint/>
                <Submit label=words::SIGN_IN busy=action.pending()/>
            </ActionForm>
            <SignInByPasskey field="email"/>
            <Providers/>
            <p class="aside"><a href="/forgot">{words::FORGOT}</a></p>
            <p class="aside">{words::NO_ACCOUNT} " " <a href="/sign-up">{words::CREATE_ACCOUNT}</a></p>
        </Card>
    }
}

/// Who is signed in has nothing to do here, and goes on: to where they wanted to, or to the timeline.
#[component]
fn GoOn() -> impl IntoView {
    let me = Resource::new(|| (), |()| me());
    let to = asked("to").as_deref().and_then(OwnPath::parse);
    let to = to.as_ref().map_or("/", OwnPath::as_str).to_owned();
    view! {
        <Suspense>
            {move || {
                let to = to.clone();
                Suspend::new(async move {
                    let signed_in = matches!(me.await, Ok(Some(_)));
                    // Who goes back from there does not come to this page again.
                    let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
                    signed_in.then(|| view! { <Redirect path=to options/> })
                })
            }}
        </Suspense>
    }
}
