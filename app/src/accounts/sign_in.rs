//! The page to sign in. Its address may say where to go on to.

use super::api::SignIn;
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
